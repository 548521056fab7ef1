import { createFaultList, type FaultList } from '../../base/fault-list.ts'
import { dropAbsent, isObject, type JsonObject } from '../../base/json-object.ts'
import { appendPointer } from '../../base/pointer.ts'
import { assertBatchSize } from '../body.ts'
import { digestContent } from './event-id.ts'
import { type HashedEvent, hashRetraced } from './retraced-hash.ts'
import type { Draft, PointerTable, Translation } from './translation.ts'

/** Kept where an event does not say whether it created, read, updated or deleted. */
export const unknownCrud = 'unknown'
export const crudLetters: readonly unknown[] = ['c', 'r', 'u', 'd']
/** Kept as the actor of an event that names none. */
export const anonymous = { type: 'anonymous', id: 'anonymous' } as const

const table: PointerTable = [
  ['/targets/0', '/target'],
  ['/context/group', '/group'],
  ['/context/ip', '/source_ip'],
  ['/outcome', '/is_failure'],
  ['/time', '/created'],
  ['/id', '/external_id'],
  ['/data', ''],
  ['/action', '/action'],
  ['/actor', '/actor'],
]

export interface RetracedTranslation extends Translation {
  /** What the client recomputes of the n-th event; only once the events were admitted. */
  readonly hashOf: (n: number, id: string) => string
}

/**
 * Events as `@retracedhq/retraced` reports them: one, or `{ events: [...] }`.
 * @param secret An `external_id` makes an event that is reported again a repeat, if nothing in it
 *   is different: not all clients mean it as the event's own name. A digest of it tells.
 * @throws Refusal `event-invalid`
 */
export function translateRetraced(
  body: unknown,
  { shape, secret }: { readonly shape: 'single' | 'bulk'; readonly secret: Uint8Array },
): RetracedTranslation {
  const faults = createFaultList()
  const values = shape === 'single' ? [body] : readBulk(body, faults)
  const pointerOf = (n: number): string => (shape === 'single' ? '' : `/events/${n}`)
  const sent = values.map((value, n) => readEvent(value, pointerOf(n), faults))
  faults.assertEmpty()
  return {
    events: sent.map((event) => toDraft(event, secret)),
    pointerOf,
    tableOf: () => table,
    // Admission has seen that action, ids and address are texts; `readEvent` saw to the rest.
    hashOf: (n, id) => hashRetraced(sent[n] as JsonObject as unknown as HashedEvent, id),
  }
}

function readBulk(body: unknown, faults: FaultList): readonly unknown[] {
  const events = isObject(body) ? body.events : undefined
  if (Array.isArray(events)) {
    assertBatchSize(events.length)
    return events
  }
  faults.add('/events', 'Must be an array of events.')
  return []
}

/** What the client takes for absent, is; so nothing is kept that no search would find. */
function readEvent(value: unknown, pointer: string, faults: FaultList): JsonObject {
  if (!isObject(value)) {
    faults.add(pointer, 'Must be an object.')
    return {}
  }
  const event = Object.fromEntries(
    Object.entries(value).filter(([name, member]) => !isAbsent(name, member)),
  )
  const add = (name: string, detail: string) => faults.add(appendPointer(pointer, name), detail)
  if (event.crud !== undefined && !crudLetters.includes(event.crud)) {
    add('crud', 'Must be "c", "r", "u" or "d".')
  }
  for (const name of ['external_id', 'description', 'component', 'version']) {
    if (typeof (event[name] ?? '') !== 'string') add(name, 'Must be a string.')
  }
  for (const name of ['is_failure', 'is_anonymous']) {
    if (typeof (event[name] ?? true) !== 'boolean') add(name, 'Must be true or false.')
  }
  for (const name of ['fields', 'metadata']) addPairsFaults(event[name], name, add)
  if (event.group !== undefined) addGroupFaults(event.group, add)
  if (event.actor === undefined && event.is_anonymous !== true) {
    add('actor', 'Missing: "actor" is required unless "is_anonymous" is true.')
  }
  return event
}

const parties: ReadonlySet<string> = new Set(['actor', 'group', 'target'])

const isAbsent = (name: string, value: unknown): boolean =>
  value === null ||
  (parties.has(name) && (value === '' || (isObject(value) && Object.keys(value).length === 0)))

type AddFault = (name: string, detail: string) => void

function addPairsFaults(pairs: unknown, name: string, add: AddFault): void {
  if (pairs === undefined) return
  if (!isObject(pairs)) {
    add(name, 'Must be an object.')
    return
  }
  const deep = Object.keys(pairs).find((key) => typeof (pairs[key] ?? '') === 'object')
  if (deep !== undefined) add(name, `${JSON.stringify(deep.slice(0, 100))} must hold a text.`)
}

function addGroupFaults(group: unknown, add: AddFault): void {
  const id = isObject(group) ? group.id : undefined
  if (!isObject(group) || typeof id !== 'string' || id === '') {
    add('group', 'Must be an object with an "id", a text.')
    return
  }
  if (typeof (group.name ?? '') !== 'string') add('group', 'The "name" must be a text.')
}

function toDraft(event: JsonObject, secret: Uint8Array): Draft {
  const { action, actor, target, group, source_ip, created, is_failure, ...rest } = event
  const draft = dropAbsent({
    action,
    actor: actor ?? anonymous,
    outcome: is_failure === true ? 'failure' : 'success',
    targets: target === undefined ? undefined : [target],
    time: created,
    context: dropAbsent({ ip: source_ip, group }),
    data: { ...rest, crud: rest.crud ?? unknownCrud },
  })
  const { external_id: name = '' } = rest
  if (name === '') return draft
  return { ...draft, id: digestContent(JSON.stringify(draft), secret) }
}
