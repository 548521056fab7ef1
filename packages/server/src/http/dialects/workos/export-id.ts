import type { Fault } from '@indelible/protocol'
import { membersOf } from '../../../base/json-object.ts'
import { Refusal } from '../../../base/refusal.ts'
import { isTenantName } from '../../../base/tenant-name.ts'
import { organizationFault } from '../../../intake/dialects/workos.ts'
import { formatQuery, type Value } from '../../../query/query.ts'
import { formatContentId, parseContentId, refuseExport } from '../content-id.ts'

/** What an export selects. */
export interface Selection {
  readonly tenant: string
  /** In the grammar of searches. */
  readonly filter: string
}
export interface Export extends Selection {
  /** Unix milliseconds. */
  readonly created: number
}

const filters: readonly (readonly [theirs: string, field: string])[] = [
  ['actions', 'action'],
  ['actors', 'actor.name'],
  ['actor_names', 'actor.name'],
  ['actor_ids', 'actor.id'],
  ['targets', 'targets.type'],
]

/** @throws Refusal `request-invalid` */
export function readExport(body: unknown): Selection {
  const members = membersOf(body)
  const errors: Fault[] = []
  const add = (name: string, detail: string) => errors.push({ pointer: `/${name}`, detail })
  const { organization_id: tenant } = members
  if (!isTenantName(tenant)) {
    add('organization_id', organizationFault)
  }
  const since = readTime(members.range_start)
  const last = readTime(members.range_end)
  if (since === undefined) add('range_start', 'Must be a time, ISO 8601.')
  if (last === undefined) add('range_end', 'Must be a time, ISO 8601.')
  const values = new Map<string, Value[]>()
  for (const [theirs, field] of filters) {
    const texts = members[theirs] ?? []
    if (!Array.isArray(texts) || texts.some((text) => typeof text !== 'string')) {
      add(theirs, 'Must be an array of texts.')
    } else if (texts.length > 0) {
      const exact = texts.map((text: string): Value => ({ kind: 'exact', text }))
      values.set(field, [...(values.get(field) ?? []), ...exact])
    }
  }
  if (!isTenantName(tenant) || since === undefined || last === undefined || errors.length) {
    throw new Refusal('request-invalid', { detail: 'The export is not valid.', errors })
  }
  const terms = [...values].map(([field, values]) => ({ negated: false, field, values }))
  // The end is included: it is how the last event of a range is asked for.
  return { tenant, filter: formatQuery({ terms, since, until: last + 1 }) }
}

export const formatExportId = ({ tenant, filter, created }: Export): string =>
  `audit_log_export_${formatContentId([tenant, filter, created])}`

/** @throws Refusal `resource-unknown` */
export function parseExportId(id: string): Export {
  const [, content = ''] = /^audit_log_export_([\w-]+)$/.exec(id) ?? []
  const parsed = parseContentId(content)
  const [tenant, filter, created] = Array.isArray(parsed) ? parsed : []
  const isTime = typeof created === 'number' && Math.abs(created) <= timeMax
  if (isTenantName(tenant) && typeof filter === 'string' && isTime) {
    return { tenant, filter, created }
  }
  throw refuseExport()
}

/** Whole milliseconds that four digits of a year can say. */
const timeMax = Date.UTC(9999, 11, 31)

function readTime(value: unknown): number | undefined {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return time >= 0 && time <= timeMax ? time : undefined
}
