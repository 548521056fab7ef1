import { limits } from '@indelible/protocol'
import { createFaultList, type FaultList } from '../../base/fault-list.ts'
import { dropAbsent, isObject } from '../../base/json-object.ts'
import { appendPointer } from '../../base/pointer.ts'
import { Refusal } from '../../base/refusal.ts'
import { parseJson } from '../json.ts'
import { readHeaderAttributes, readPayload } from './cloudevents-http.ts'
import { digestEventId } from './event-id.ts'
import type { Draft, PointerTable, Translation } from './translation.ts'

/** A delivery of CloudEvents 1.0 by HTTP (Protocol Binding 1.0.2 §3). */
export interface CloudEventsDelivery {
  readonly contentType: string | undefined
  /** As Node reads them: names in small letters. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: Buffer
}

/** One event: its attributes, and `data` or, of bytes that are no text, `data_base64`. */
interface CloudEvent {
  readonly attributes: Readonly<Record<string, unknown>>
  readonly payload: { readonly data?: unknown; readonly data_base64?: string }
}

const required = ['id', 'source', 'specversion', 'type']
const texts = new Set([...required, 'subject', 'time', 'datacontenttype', 'dataschema'])
const attributeName = /^[a-z0-9]+$/
/** Attributes that our own event has a place for. */
const placed = new Set(['type', 'subject', 'time', 'actorid', 'actortype', 'tenantid'])
const traceId = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/

const table: PointerTable = [
  ['/action', '/type'],
  ['/source', '/source'],
  ['/targets/0/id', '/subject'],
  ['/time', '/time'],
  ['/actor/id', '/actorid'],
  ['/actor/type', '/actortype'],
  ['/tenant', '/tenantid'],
  ['/context/trace', '/traceparent'],
  ['/changes', '/data'],
  ['/data/data', '/data'],
  ['/data', ''],
]

/**
 * Structured, batched or binary, told by the content type as the specification says.
 * @throws Refusal `event-invalid` `json-malformed`; `media-type-unsupported` for what is none
 */
export function translateCloudEvents(
  delivery: CloudEventsDelivery,
): Translation & { readonly isBatch: boolean } {
  const faults = createFaultList()
  const type = delivery.contentType?.trim().toLowerCase() ?? ''
  const isBatch = type.startsWith('application/cloudevents-batch')
  const events = isBatch
    ? readBatch(type, delivery.body, faults)
    : [readSingle(type, delivery, faults)]
  const pointerOf = (n: number) => (isBatch ? `/${n}` : '')
  const drafts = events.map((event, n) => {
    const found = addFaults(event, pointerOf(n), faults)
    return found ? {} : toDraft(event)
  })
  faults.assertEmpty()
  return { isBatch, events: drafts, pointerOf, tableOf: () => table }
}

function readBatch(type: string, body: Buffer, faults: FaultList): CloudEvent[] {
  assertJsonFormat(type)
  const values = parseJson(body)
  if (Array.isArray(values) && values.length <= limits.batchEventsMax) {
    return values.map((value, n) => readStructured(value, `/${n}`, faults))
  }
  faults.add('', `A batch is a JSON array of at most ${limits.batchEventsMax} events.`)
  return []
}

function readSingle(type: string, delivery: CloudEventsDelivery, faults: FaultList): CloudEvent {
  if (type.startsWith('application/cloudevents')) {
    assertJsonFormat(type)
    return readStructured(parseJson(delivery.body), '', faults)
  }
  const attributes = readHeaderAttributes(delivery.headers)
  if (!required.some((name) => Object.hasOwn(attributes, name))) {
    throw new Refusal('media-type-unsupported', {
      detail:
        'Send application/cloudevents+json, application/cloudevents-batch+json, or any type with ' +
        'the headers ce-specversion, ce-id, ce-source and ce-type.',
    })
  }
  const { contentType } = delivery
  const datacontenttype = contentType === undefined ? {} : { datacontenttype: contentType }
  return {
    attributes: { ...attributes, ...datacontenttype },
    payload: readPayload(delivery.body, contentType),
  }
}

function readStructured(value: unknown, pointer: string, faults: FaultList): CloudEvent {
  if (!isObject(value)) {
    faults.add(pointer, 'A CloudEvent is a JSON object.')
    return { attributes: {}, payload: {} }
  }
  const { data, data_base64: encoded, ...attributes } = value
  if (encoded === undefined || encoded === null) {
    return { attributes, payload: data === undefined ? {} : { data } }
  }
  const bytes = typeof encoded === 'string' ? Buffer.from(encoded, 'base64') : undefined
  // Decoding is lenient; what is kept of it must be what was sent.
  if (data !== undefined || bytes === undefined || bytes.toString('base64') !== encoded) {
    faults.add(`${pointer}/data_base64`, 'must be base64, and stand without "data"')
    return { attributes, payload: {} }
  }
  const { datacontenttype: type } = attributes
  return { attributes, payload: readPayload(bytes, typeof type === 'string' ? type : undefined) }
}

/** @returns whether there is any */
function addFaults({ attributes }: CloudEvent, pointer: string, faults: FaultList): boolean {
  const before = faults.count
  for (const name of required) {
    if ((attributes[name] ?? null) === null) faults.add(`${pointer}/${name}`, 'is missing')
  }
  for (const [name, value] of Object.entries(attributes)) {
    const fault = value === null ? undefined : findAttributeFault(name, value)
    if (fault !== undefined) faults.add(appendPointer(pointer, name), fault)
  }
  const { specversion } = attributes
  if (typeof specversion === 'string' && specversion !== '1.0') {
    faults.add(`${pointer}/specversion`, 'must be "1.0"')
  }
  return faults.count > before
}

function findAttributeFault(name: string, value: unknown): string | undefined {
  // `ce-data` is a header, too.
  if (!attributeName.test(name) || name === 'data') {
    return 'Names of attributes are small letters and digits.'
  }
  const isText = texts.has(name)
  if (isText ? typeof value !== 'string' : typeof value === 'object') {
    return isText ? 'must be a text' : 'must be a text, number or boolean'
  }
  if (isText && value === '') return 'must not be empty'
  return typeof value === 'string' && value.includes('\0') ? 'holds NUL' : undefined
}

function toDraft({ attributes, payload }: CloudEvent): Draft {
  const read = (name: string): string | undefined => {
    const { [name]: value } = attributes
    return value === undefined || value === null ? undefined : String(value)
  }
  const [id = '', source = '', subject] = [read('id'), read('source'), read('subject')]
  const [actor, time, tenant] = [read('actorid'), read('time'), read('tenantid')]
  const trace = read('traceparent')
  const { changes, rest } = splitChanges(payload)
  // A source is a URI of any length; one that has no room in its place stands with the others.
  const hasRoom = source.length <= limits.sourceCharsMax
  const others = Object.entries(attributes).filter(
    ([name, value]) => value !== null && !placed.has(name) && !(name === 'source' && hasRoom),
  )
  return dropAbsent({
    action: read('type'),
    actor:
      actor === undefined
        ? { type: 'unknown', id: 'unknown' }
        : { type: read('actortype') ?? 'user', id: actor },
    // An id is its source's own.
    id: digestEventId([source, id]),
    data: { ...Object.fromEntries(others), ...rest },
    source: hasRoom ? source : undefined,
    targets: subject === undefined ? undefined : [{ type: 'subject', id: subject }],
    context: trace === undefined ? undefined : { trace: traceId.exec(trace)?.[1] ?? trace },
    ...{ time, tenant, changes },
  })
}

/** `data.before` and `data.after`, where they are states. */
function splitChanges(payload: CloudEvent['payload']) {
  const { data } = payload
  if (!isObject(data)) return { rest: payload }
  const { before, after, ...others } = data
  const states = Object.entries({ before, after }).filter(([, state]) => state !== undefined)
  const areStates = states.every(([, state]) => state === null || isObject(state))
  if (states.length === 0 || !areStates) return { rest: payload }
  return {
    changes: Object.fromEntries(states),
    rest: Object.keys(others).length === 0 ? {} : { data: others },
  }
}

function assertJsonFormat(type: string): void {
  if (/^application\/cloudevents(?:-batch)?(?:\+json)?\s*(?:;|$)/.test(type)) return
  throw new Refusal('media-type-unsupported', {
    detail: 'Of the formats of CloudEvents JSON alone is read: application/cloudevents+json.',
  })
}
