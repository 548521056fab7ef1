import { type Fault, limits } from '@indelible/protocol'
import { faultsMax } from '../../base/fault-list.ts'
import { isDeeper } from '../../base/is-deeper.ts'
import { isObject, membersOf } from '../../base/json-object.ts'
import { Refusal } from '../../base/refusal.ts'

/** What an event of an action is like, as WorkOS's clients say it. */
export interface WorkosSchema {
  readonly actor?: unknown
  readonly targets: readonly { readonly type: string; readonly metadata?: unknown }[]
  readonly metadata?: unknown
}

/** One of the versions that there have been. */
export interface WorkosVersion extends WorkosSchema {
  readonly version: number
  readonly created_at: string
  /** Digest of the key that it came with: sent again, it is no further version. */
  readonly key?: string
}

/** Where a JSON Schema keeps what it was made of: a member that no validator looks at. */
const member = 'x-workos'

/** Levels of a body: those of a schema's own metadata are bounded when it is compiled. */
const levelsMax = 200

/** @throws Refusal `request-invalid` */
export function readWorkosSchema(body: unknown): WorkosSchema {
  // First: a stack has to hold it whenever it is written.
  if (isDeeper(body, levelsMax)) {
    const detail = `Nested deeper than ${levelsMax} levels.`
    throw new Refusal('request-invalid', { detail, errors: [{ pointer: '', detail }] })
  }
  const { actor, targets, metadata } = membersOf(body)
  const errors: Fault[] = []
  if (!Array.isArray(targets)) {
    errors.push({ pointer: '/targets', detail: 'Must be an array.' })
  }
  const read = (Array.isArray(targets) ? targets : []).map((target: unknown, n) => {
    const { type, metadata } = membersOf(target)
    if (typeof type === 'string' && type !== '') {
      return { type, ...(metadata === undefined ? {} : { metadata }) }
    }
    // A body has room for 100,000 of them, and a refusal for few.
    if (errors.length < faultsMax) {
      errors.push({ pointer: `/targets/${n}/type`, detail: 'Must be a text.' })
    }
    return { type: '' }
  })
  if (!isObject(actor ?? {})) errors.push({ pointer: '/actor', detail: 'Must be an object.' })
  if (errors.length > 0) {
    throw new Refusal('request-invalid', { detail: 'The schema is not valid.', errors })
  }
  return {
    targets: read,
    ...(actor === undefined || actor === null ? {} : { actor }),
    ...(metadata === undefined || metadata === null ? {} : { metadata }),
  }
}

/** The versions that a JSON Schema was made of, oldest first; of another, undefined. */
export function readVersions(schema: unknown): readonly WorkosVersion[] | undefined {
  const versions = isObject(schema) ? schema[member] : undefined
  // Whoever may set schemas can write this member otherwise, too.
  if (!Array.isArray(versions)) return undefined
  const isSound = versions.every(
    (one) =>
      isObject(one) &&
      Number.isSafeInteger(one.version) &&
      typeof one.created_at === 'string' &&
      Array.isArray(one.targets) &&
      one.targets.every((target) => isObject(target) && typeof target.type === 'string'),
  )
  return isSound && versions.length > 0 ? (versions as WorkosVersion[]) : undefined
}

/**
 * The JSON Schema that events are held to once there is a further version. An event that names a
 * version is held to that; any other to the latest. The oldest go when there is no room for all.
 */
export function addVersion(
  before: readonly WorkosVersion[],
  added: WorkosSchema,
  stamp: Pick<WorkosVersion, 'created_at' | 'key'>,
): object {
  const version = { version: (before.at(-1)?.version ?? 0) + 1, ...added, ...stamp }
  const alone = toJsonSchema([version])
  // Too large by itself: whoever keeps it says so.
  if (!fits(alone)) return alone
  for (let kept = before; kept.length > 0; kept = kept.slice(1)) {
    const schema = toJsonSchema([...kept, version])
    if (fits(schema)) return schema
  }
  return alone
}

const fits = (schema: object): boolean =>
  Buffer.byteLength(JSON.stringify(schema)) <= limits.schemaBytesMax

function toJsonSchema(versions: readonly WorkosVersion[]): object {
  const earlier = versions.slice(0, -1)
  const latest = versions.slice(-1).map(toForm)
  if (earlier.length === 0) return { ...latest[0], [member]: versions }
  const forms = earlier.map((one) => when(hasVersion(one.version), toForm(one)))
  const others = { not: { enum: earlier.map(({ version }) => version) } }
  const isOther = { properties: { data: { properties: { version: others } } } }
  const last = latest.map((form) => when(isOther, form))
  return { allOf: [...forms, ...last], [member]: versions }
}

// biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema, and nobody awaits it
const when = (condition: object, form: object | true) => ({ if: condition, then: form })

const hasVersion = (version: number) => ({
  required: ['data'],
  properties: { data: { required: ['version'], properties: { version: { const: version } } } },
})

function toForm({ actor, targets, metadata }: WorkosSchema) {
  const types = [...new Set(targets.map(({ type }) => type))]
  const target = {
    required: ['type'],
    properties: { type: { enum: types } },
    allOf: targets.map(({ type, metadata: own }) =>
      when({ properties: { type: { const: type } } }, holding(own)),
    ),
  }
  return {
    ...(demands(metadata) ? { required: ['data'] } : {}),
    properties: {
      actor: holding(isObject(actor) ? actor.metadata : undefined),
      ...(types.length === 0 ? {} : { targets: { items: target } }),
      data: holding(metadata),
    },
  }
}

/** What has metadata of this form. */
function holding(metadata: unknown) {
  if (metadata === undefined || metadata === null) return true
  return {
    ...(demands(metadata) ? { required: ['metadata'] } : {}),
    properties: { metadata },
  }
}

const demands = (metadata: unknown): boolean =>
  isObject(metadata) && Array.isArray(metadata.required) && metadata.required.length > 0

/** Where in the body a fault of the JSON Schema is. */
export function translateSchemaPointer(pointer: string): string {
  const inForm = pointer.replace(/^\/allOf\/\d+\/then/, '')
  const own = /^\/properties\/(actor|data)\/properties\/metadata(.*)$/s.exec(inForm)
  if (own !== null) return `${own[1] === 'actor' ? '/actor' : ''}/metadata${own[2]}`
  const target =
    /^\/properties\/targets\/items\/allOf\/(\d+)\/then\/properties\/metadata(.*)$/s.exec(inForm)
  return target === null ? '' : `/targets/${target[1]}/metadata${target[2]}`
}
