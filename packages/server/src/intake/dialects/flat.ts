import { createFaultList, type FaultList } from '../../base/fault-list.ts'
import { dropAbsent, isObject, type JsonObject } from '../../base/json-object.ts'
import { toEventId } from './event-id.ts'
import type { Draft, PointerTable, Translation } from './translation.ts'

/** Which of the two bodies of home-made audit services it is, by its path. */
export type FlatForm = 'event' | 'events'

/** Member that must be there, and hold something. */
const detailsOf = { event: 'event_data', events: 'event_details' } as const
/** From here on (the year 10000) somebody sent milliseconds. */
const unixSecondsEnd = 253_402_300_800
const yearOneBeginsS = -62_135_596_800

/**
 * A flat event: `{ event_type, timestamp_utc, customer_id, event_data }`, or `{ event_type,
 * timestamp, user_id, event_details }`. `data` keeps it as it was sent.
 * @param idempotencyKey of the header, if there is one; it wins over an `event_id` of the body
 * @throws Refusal `event-invalid`
 */
export function translateFlat(
  body: unknown,
  form: FlatForm,
  idempotencyKey: string | undefined,
): Translation {
  const faults = createFaultList()
  if (!isObject(body)) {
    faults.add('', 'A flat event is one JSON object.')
    faults.assertEmpty()
    return { events: [], tableOf: () => [] }
  }
  const type = readText(body, 'event_type', faults)
  addDetailsFaults(body, form, faults)
  const { actor, member } = readActor(body, faults)
  const time = readTime(body, faults)
  const id = idempotencyKey ?? readId(body, faults)
  faults.assertEmpty()
  const event: Draft = dropAbsent({
    ...{ action: type, actor, data: body, time: time?.text },
    id: id === undefined ? undefined : toEventId(id),
  })
  const table: PointerTable = [
    ['/action', '/event_type'],
    ['/actor/id', `/${member}`],
    ['/time', `/${time?.member ?? 'timestamp_utc'}`],
    ['/id', idempotencyKey === undefined ? '/event_id' : ''],
    ['/data', ''],
  ]
  return { events: [event], tableOf: () => table }
}

/** A kept event as it was sent, and how it is found again; nothing else, if that was erased. */
export function formatFlat(event: { readonly id: string; readonly data?: object }): object {
  return { ...event.data, event_id: event.id }
}

/**
 * Unix seconds, as a number or as digits, or an RFC 3339 time.
 * @returns RFC 3339, or what is wrong, as a sentence
 */
export function readFlatTime(value: unknown): { text: string } | { fault: string } {
  if (typeof value === 'string' && !/^-?\d+(?:\.\d+)?$/.test(value)) return { text: value }
  const seconds = typeof value === 'string' ? Number(value) : value
  if (typeof seconds !== 'number') return { fault: 'Unix seconds, or an RFC 3339 time.' }
  if (seconds >= yearOneBeginsS && seconds < unixSecondsEnd) {
    return { text: new Date(Math.floor(seconds * 1_000)).toISOString() }
  }
  return { fault: 'Unix seconds of the years 1 to 9999; these may be milliseconds.' }
}

function readText(body: JsonObject, name: string, faults: FaultList): string | undefined {
  const { [name]: value } = body
  if (typeof value === 'string' && value !== '') return value
  faults.add(`/${name}`, value === undefined ? 'is missing' : 'must be a text that is not empty')
  return undefined
}

function addDetailsFaults(body: JsonObject, form: FlatForm, faults: FaultList): void {
  const name = detailsOf[form]
  const { [name]: details } = body
  // Of the second form's members only the type is certain to be there.
  if (details === undefined && form === 'events') return
  if (isObject(details) && Object.keys(details).length > 0) return
  if (isObject(details) && form === 'events') return
  faults.add(`/${name}`, details === undefined ? 'is missing' : 'must be an object with members')
}

function readActor(body: JsonObject, faults: FaultList) {
  for (const type of ['customer', 'user'] as const) {
    const member = `${type}_id`
    const { [member]: id } = body
    if (id === undefined || id === null) continue
    if (typeof id !== 'string' && !Number.isSafeInteger(id)) {
      faults.add(`/${member}`, 'must be an integer or a text')
      continue
    }
    return { actor: { type, id: String(id) }, member }
  }
  return { actor: { type: 'unknown', id: 'unknown' }, member: '' }
}

function readTime(body: JsonObject, faults: FaultList) {
  for (const member of ['timestamp_utc', 'timestamp']) {
    const { [member]: value } = body
    if (value === undefined || value === null) continue
    const time = readFlatTime(value)
    if ('text' in time) return { text: time.text, member }
    faults.add(`/${member}`, time.fault)
  }
  return undefined
}

function readId(body: JsonObject, faults: FaultList): string | undefined {
  const { event_id: id } = body
  if (id === undefined || id === null) return undefined
  if (typeof id === 'string' && id !== '') return id
  faults.add('/event_id', 'must be a text that is not empty')
  return undefined
}
