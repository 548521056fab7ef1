import { limits } from '@indelible/protocol'
import { createFaultList, type FaultList, faultsMax } from '../../base/fault-list.ts'
import { dropAbsent, type JsonObject } from '../../base/json-object.ts'
import { appendPointer } from '../../base/pointer.ts'
import { Refusal } from '../../base/refusal.ts'
import { assertBatchSize } from '../body.ts'
import { digestContent, toEventId } from './event-id.ts'
import { listLesser } from './otlp-lesser.ts'
import {
  formatNanoseconds,
  readAnyValue,
  readAttributes,
  readList,
  readNanoseconds,
  readObject,
  readText,
} from './otlp-values.ts'
import { fitRecord } from './tolerant-json.ts'
import type { Draft, PointerTable, Translation } from './translation.ts'

/** A log record, and what is said once for many. */
export interface LogRecord {
  readonly pointer: string
  readonly sent: JsonObject
  readonly attributes: JsonObject
  readonly resource: JsonObject
  readonly scope: JsonObject
}

export interface OtlpTranslation extends Translation {
  readonly records: readonly LogRecord[]
}

/** The action of a record that has no name and no short text. */
const nameless = 'log.record'

/** Attributes that our event has a place for, the first that is there. */
const actorIds = ['audit.actor.id', 'enduser.id', 'user.id']
const actorNames = ['user.full_name', 'user.name']
const addresses = ['client.address', 'http.client_ip'] as const
const contextAttributes = [
  ['ip', addresses],
  ['agent', ['user_agent.original', 'http.user_agent']],
  ['session', ['session.id']],
  ['method', ['http.request.method', 'http.method']],
  ['path', ['url.path']],
] as const

/**
 * Log records, as an `ExportLogsServiceRequest` in the JSON form of OTLP has them.
 * @param options.secret For the ids of records that name themselves by nothing: what was sent once
 *   more after a lost answer is a repeat.
 * @param options.check Finds what else is wrong with a record. Without it nothing is refused for
 *   what a place has no room for: a lesser event is kept.
 * @throws Refusal `event-invalid`; `body-too-large` if the records are, once each has its resource
 */
export function translateOtlp(
  body: unknown,
  options: {
    readonly secret: Uint8Array
    readonly check?: (record: LogRecord, faults: FaultList) => void
    /** Whether it was read as strictly as ours has to be. Default: it was. */
    readonly isStrict?: boolean
  },
): OtlpTranslation {
  const { check, secret, isStrict = true } = options
  const faults = createFaultList()
  const records = readRequest(body, faults)
  for (const record of records) check?.(record, faults)
  const drafts = records.map((record) => toDraft(record, faults))
  faults.assertEmpty()
  // An object stays one.
  const fit = isStrict ? drafts : drafts.map((draft) => fitRecord(draft, 1) as Draft)
  const events = nameByContent(fit, secret)
  return {
    records,
    events,
    ...(check === undefined ? { lesserOf: (n) => listLesser(events[n] ?? {}, nameless) } : {}),
    pointerOf: (n) => records[n]?.pointer ?? '',
    tableOf: (n) => tableOf(records[n]),
  }
}

function readRequest(body: unknown, faults: FaultList): LogRecord[] {
  const records: LogRecord[] = []
  if (body === null) faults.add('', 'Must be an object.')
  const { resourceLogs } = readObject(body, '', faults)
  let groups = 0
  const readGroups = (value: unknown, pointer: string): readonly unknown[] => {
    const list = readList(value, pointer, faults)
    groups += list.length
    // An empty one is three bytes, and takes a microsecond.
    if (groups <= limits.batchEventsMax) return list
    faults.add(pointer, `A request has ${limits.batchEventsMax} resources and scopes at most.`)
    return []
  }
  for (const [r, one] of readGroups(resourceLogs, '/resourceLogs').entries()) {
    const ofResource = `/resourceLogs/${r}`
    const { resource: sentResource, scopeLogs } = readObject(one, ofResource, faults)
    const resource = readHolder(sentResource, `${ofResource}/resource`, faults)
    for (const [s, other] of readGroups(scopeLogs, `${ofResource}/scopeLogs`).entries()) {
      const ofScope = `${ofResource}/scopeLogs/${s}`
      const { scope: sentScope, logRecords } = readObject(other, ofScope, faults)
      const scope = readScope(sentScope, `${ofScope}/scope`, faults)
      const list = readList(logRecords, `${ofScope}/logRecords`, faults)
      assertBatchSize(records.length + list.length)
      for (const [n, record] of list.entries()) {
        const pointer = `${ofScope}/logRecords/${n}`
        const sent = readObject(record, pointer, faults)
        const attributes = readAttributes(sent.attributes, `${pointer}/attributes`, faults)
        records.push({ pointer, sent, attributes, resource, scope })
        // All that will be named are found: the rest may be megabytes of them.
        if (faults.count >= faultsMax) faults.assertEmpty()
      }
    }
  }
  return records
}

const readHolder = (value: unknown, pointer: string, faults: FaultList): JsonObject =>
  readAttributes(readObject(value, pointer, faults).attributes, `${pointer}/attributes`, faults)

function readScope(value: unknown, pointer: string, faults: FaultList): JsonObject {
  const { name, version } = readObject(value, pointer, faults)
  const attributes = readHolder(value, pointer, faults)
  return dropAbsent({
    name: readText(name, `${pointer}/name`, faults),
    version: readText(version, `${pointer}/version`, faults),
    attributes: isEmpty(attributes) ? undefined : attributes,
  })
}

function toDraft(
  { pointer, sent, attributes, resource, scope }: LogRecord,
  faults: FaultList,
): Draft {
  const text = (name: string) => readText(sent[name], appendPointer(pointer, name), faults)
  const nanoseconds = (name: string) => readNanoseconds(sent[name], `${pointer}/${name}`, faults)
  const body = readAnyValue(sent.body, `${pointer}/body`, faults)
  const timeUnixNano = nanoseconds('timeUnixNano')
  const observedTimeUnixNano = nanoseconds('observedTimeUnixNano')
  const happened = timeUnixNano ?? observedTimeUnixNano
  const name = text('eventName') ?? find(attributes, ['event.name', 'audit.action'])
  const id = find(attributes, ['audit.record.id'])
  return {
    action: name ?? toAction(body),
    actor: toActor(attributes),
    outcome: toOutcome(attributes),
    ...dropAbsent({
      id: id === undefined ? undefined : toEventId(id),
      time: happened === undefined ? undefined : formatNanoseconds(happened),
      source: find(resource, ['service.name']),
      targets: toTargets(attributes),
    }),
    context: dropAbsent({
      ...Object.fromEntries(contextAttributes.map(([to, from]) => [to, find(attributes, from)])),
      ip: readAddress(attributes),
      trace: text('traceId')?.toLowerCase(),
    }),
    data: dropAbsent({
      ...{ timeUnixNano, observedTimeUnixNano, body: body ?? undefined },
      severityNumber: readCount(sent.severityNumber, `${pointer}/severityNumber`, faults),
      severityText: text('severityText'),
      spanId: text('spanId')?.toLowerCase(),
      flags: readCount(sent.flags, `${pointer}/flags`, faults),
      droppedAttributesCount: readCount(
        ...([sent.droppedAttributesCount, `${pointer}/droppedAttributesCount`, faults] as const),
      ),
      attributes: isEmpty(attributes) ? undefined : attributes,
      resource: isEmpty(resource) ? undefined : resource,
      scope: isEmpty(scope) ? undefined : scope,
    }),
  }
}

function readAddress(attributes: JsonObject): string | undefined {
  const type = find(attributes, ['audit.source.type']) ?? ''
  const ofSource = /^ipv[46]$/.test(type) ? ['audit.source.id'] : []
  return find(attributes, [...addresses, ...ofSource])
}

function toAction(body: unknown): string {
  const isName = typeof body === 'string' && body.length > 0 && body.length <= limits.actionCharsMax
  return isName ? body : nameless
}

function toActor(attributes: JsonObject): JsonObject {
  const id = find(attributes, actorIds)
  const type = find(attributes, ['audit.actor.type'])
  if (id === undefined) return { type: type ?? 'unknown', id: 'unknown' }
  return { type: type ?? 'user', id, ...dropAbsent({ name: find(attributes, actorNames) }) }
}

function toTargets(attributes: JsonObject): readonly JsonObject[] | undefined {
  const id = find(attributes, ['audit.target.id'])
  if (id === undefined) return undefined
  return [dropAbsent({ type: find(attributes, ['audit.target.type']), id })]
}

/** Few records say how it ended, and how loud one is says nothing of that. */
function toOutcome(attributes: JsonObject): string {
  const said = find(attributes, ['audit.outcome', 'event.outcome'])
  if (said === 'success' || said === 'failure' || said === 'denied') return said
  const hasFailed = find(attributes, ['error.type', 'exception.type']) !== undefined
  return said === undefined && hasFailed ? 'failure' : 'unknown'
}

/** The first of these attributes that says something, as text. */
function find(attributes: JsonObject, names: readonly string[]): string | undefined {
  const name = names.find((one) => isScalar(attributes[one]))
  return name === undefined ? undefined : String(attributes[name])
}

const isScalar = (value: unknown): boolean =>
  typeof value === 'number' ||
  typeof value === 'boolean' ||
  (typeof value === 'string' && value !== '')

function readCount(value: unknown, pointer: string, faults: FaultList): number | undefined {
  if (value === undefined || value === null || value === 0) return undefined
  if (typeof value === 'number' && Number.isInteger(value)) return value
  faults.add(pointer, 'Must be an integer.')
  return undefined
}

/**
 * Ids for records that have none: a digest of all that was sent. Of two equal ones in a request the
 * second is another event, since a client sends the same request again, not others. A record
 * without any time is left alone, or the same would never be kept again.
 */
function nameByContent(drafts: readonly Draft[], secret: Uint8Array): Draft[] {
  const seen = new Map<string, number>()
  let chars = 0
  return drafts.map((draft) => {
    const text = JSON.stringify(draft)
    chars += text.length
    // A resource of kilobytes, said once, is in each of thousands of events.
    if (chars > limits.bodyBytesMax) throw tooLarge()
    if (draft.id !== undefined || draft.time === undefined) return draft
    const digest = digestContent(text, secret)
    const before = seen.get(digest) ?? 0
    seen.set(digest, before + 1)
    return { ...draft, id: before === 0 ? digest : `${digest}-${before}` }
  })
}

const tooLarge = (): Refusal =>
  new Refusal('body-too-large', {
    detail: `The records may have ${limits.bodyBytesMax} bytes, each with its resource; send smaller batches.`,
  })

/** Where in a record our members come from; made only where there is a fault. */
function tableOf(record: LogRecord | undefined): PointerTable {
  const { sent = {}, attributes = {} } = record ?? {}
  const keys = readKeys(sent)
  const of = (names: readonly string[]): string => {
    const at = keys.indexOf(names.find((name) => isScalar(attributes[name])) ?? '')
    return at === -1 ? '' : `/attributes/${at}/value`
  }
  const named = sent.eventName === undefined || sent.eventName === '' ? '' : '/eventName'
  return [
    ['/action', named || of(['event.name', 'audit.action']) || '/body'],
    ['/actor/type', of(['audit.actor.type'])],
    ['/actor/name', of(actorNames)],
    ['/actor/id', of(actorIds)],
    ['/targets/0/type', of(['audit.target.type'])],
    ['/targets/0/id', of(['audit.target.id'])],
    ['/time', readsTime(sent) ? '/timeUnixNano' : '/observedTimeUnixNano'],
    ['/id', of(['audit.record.id'])],
    ['/context/trace', '/traceId'],
    ...contextAttributes.map(([to, from]) => [`/context/${to}`, of(from)] as const),
    ...keys.map(
      (key, n) => [appendPointer('/data/attributes', key), `/attributes/${n}/value`] as const,
    ),
    ['/data', ''],
  ]
}

/** In the order in which they were sent, which an object's members need not have. */
const readKeys = ({ attributes }: JsonObject): readonly string[] => {
  const list = attributes as readonly ({ readonly key?: string } | null)[] | null | undefined // as read
  return list?.map((attribute) => attribute?.key ?? '') ?? []
}

const readsTime = ({ timeUnixNano }: JsonObject): boolean =>
  /[1-9]/.test(String(timeUnixNano ?? ''))

const isEmpty = (members: JsonObject): boolean => Object.keys(members).length === 0
