import { type Entry, everyTenant, limits } from '@indelible/protocol'
import type { FastifyRequest } from 'fastify'
import { assertScope, type Principal } from '../../admin/principal.ts'
import { resolveReadTenants } from '../../admin/resolve-tenants.ts'
import { Refusal } from '../../base/refusal.ts'
import { formatFlat, readFlatTime } from '../../intake/dialects/flat.ts'
import { type Parameters, parseParameters } from '../../query/parameters.ts'
import type { Query } from '../../query/query.ts'
import { callerOf, principalOf } from '../authenticate.ts'
import { narrow, readParameters } from '../read-request.ts'
import type { DialectParts } from './dialect.ts'
import { readLines } from './read-lines.ts'

/** Flat events alone: others have no shape in which they were sent. */
const flatAlone = { 'context.dialect': 'flat' }

/** Parameters that are not fields of the event. */
const ownParameters = new Set([
  ...['timestamp_start_utc', 'timestamp_end_utc'],
  ...['offset', 'limit', 'tenant'],
])
/** Fields that our own event has a place for. */
const ownFields: ReadonlyMap<string, string> = new Map([
  ['event_type', 'action'],
  ['event_id', 'id'],
])

/**
 * A list of flat events, newest first.
 * @param fields the fields that are parameters; default: any
 * @throws Refusal `query-invalid` `request-invalid` `scope-insufficient`
 */
export async function listFlat(
  request: FastifyRequest,
  parts: DialectParts,
  fields?: readonly string[],
): Promise<object[]> {
  const principal = principalOf(request)
  assertScope(principal, 'read')
  const asked = dropEmpty(readParameters(request))
  const tenant = readTenant(principal, asked.tenant)
  const offset = readCount(asked.offset, 'offset', 0)
  const limit = Math.min(readCount(asked.limit, 'limit', limits.flatPageMax), limits.flatPageMax)
  if (limit < 1) throw refuseParameter('limit', 'a whole number from 1')
  if (offset > limits.flatOffsetMax) {
    throw refuseParameter('offset', `at most ${limits.flatOffsetMax}: narrow the times instead`)
  }
  const query = narrow(principal, readQuery(asked, fields, parts.clock()), parts.clock())
  const found = await search(parts, { tenant, query, offset, limit })
  await parts.readAudit.record(callerOf(request), {
    ...{ action: 'events.searched', tenants: [tenant], query: asked },
  })
  return found.map(({ event }) => formatFlat(event))
}

function readTenant(principal: Principal, named: Parameters[string]): string {
  // A list by offset goes through one log.
  const [tenant] = named === everyTenant ? [] : resolveReadTenants(principal, named, [])
  if (tenant !== undefined) return tenant
  throw refuseParameter('tenant', 'the name of one tenant')
}

/** What finds flat events alone. */
export const flatQuery = (now: number): Query => parseParameters(flatAlone, now)

function readQuery(asked: Parameters, fields: readonly string[] | undefined, now: number): Query {
  const filters: Record<string, string | readonly string[]> = { ...flatAlone }
  for (const [name, value] of Object.entries(asked)) {
    if (value === undefined || ownParameters.has(name)) continue
    if (fields !== undefined && !fields.includes(name)) {
      throw new Refusal('query-invalid', {
        detail: `There is no parameter "${name.slice(0, 100)}" here; there is ${[...fields, ...ownParameters].join(', ')}.`,
      })
    }
    filters[ownFields.get(name) ?? `data.${name}`] = value
  }
  const since = readBound(asked.timestamp_start_utc, 'timestamp_start_utc')
  const last = readBound(asked.timestamp_end_utc, 'timestamp_end_utc')
  // Both are included, and a time in whole seconds is that whole second.
  const until = last === undefined ? undefined : last + (last % 1_000 === 0 ? 1_000 : 1)
  return {
    ...parseParameters(filters, now),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  }
}

/** All up to the offset and through the list: whole or not at all. */
async function search(
  { reader }: Pick<DialectParts, 'reader'>,
  { offset, limit, ...asked }: { tenant: string; query: Query; offset: number; limit: number },
): Promise<Entry[]> {
  const found: Entry[] = []
  let toSkip = offset
  const everything = { from: 0, until: undefined }
  const bounds = { expected: offset + limit, readsMax: limits.flatSearchesMax }
  for await (const line of readLines(reader, asked, everything, bounds)) {
    if (line === 'spent') throw refuseEffort()
    if (toSkip-- > 0) continue
    found.push(line.entry)
    if (found.length === limit) break
  }
  return found
}

const refuseEffort = (): Refusal =>
  new Refusal('query-invalid', {
    detail: 'Too much would have to be looked through: narrow it by times, or by another field.',
  })

/** An empty parameter asks for nothing. */
function dropEmpty(parameters: Parameters): Parameters {
  return Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== ''))
}

function readCount(value: Parameters[string], name: string, usual: number): number {
  if (value === undefined) return usual
  if (typeof value === 'string' && /^\d{1,9}$/.test(value)) return Number(value)
  throw refuseParameter(name, 'a whole number')
}

function readBound(value: Parameters[string], name: string): number | undefined {
  if (value === undefined) return undefined
  const time = typeof value === 'string' ? readFlatTime(value) : { fault: '' }
  const at = 'text' in time ? Date.parse(time.text) : Number.NaN
  if (Number.isNaN(at)) throw refuseParameter(name, 'Unix seconds, or an RFC 3339 time, once')
  return at
}

const refuseParameter = (name: string, expectation: string): Refusal =>
  new Refusal('query-invalid', { detail: `The parameter "${name}" must be ${expectation}.` })
