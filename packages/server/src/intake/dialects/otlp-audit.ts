import { hash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { createFaultList, type FaultList } from '../../base/fault-list.ts'
import { type JsonObject, membersOf } from '../../base/json-object.ts'
import type { LogRecord } from './otlp.ts'
import { readAnyValue, readNanoseconds } from './otlp-values.ts'

/** What the draft of the audit signal wants of every record, beside its times and its name. */
const mandatory: readonly (readonly [name: string, allowed?: readonly string[]])[] = [
  ['audit.record.id'],
  ['audit.actor.id'],
  ['audit.actor.type', ['user', 'service', 'system']],
  ['audit.action'],
  ['audit.outcome', ['success', 'failure', 'unknown']],
]

/** Finds what keeps a log record from being an audit record. */
export function checkAuditRecord(
  { pointer, sent, attributes }: LogRecord,
  faults: FaultList,
): void {
  const times = ['timeUnixNano', 'observedTimeUnixNano'].map((name) => {
    // Whoever makes the event of it names what is no time.
    const time = readNanoseconds(sent[name], '', createFaultList())
    if (time === undefined) faults.add(`${pointer}/${name}`, 'is missing')
    return BigInt(time ?? 0)
  })
  const [happened = 0n, observed = 0n] = times
  if (happened > observed && observed > 0n) {
    faults.add(`${pointer}/timeUnixNano`, 'Must not be after observedTimeUnixNano.')
  }
  if ((sent.eventName ?? '') === '') faults.add(`${pointer}/eventName`, 'is missing')
  for (const [name, allowed] of mandatory) {
    const { [name]: value } = attributes
    const isText = typeof value === 'string' && value !== ''
    if (!isText) faults.add(`${pointer}/attributes`, `"${name}" is missing, or no text.`)
    else if (allowed?.includes(value) === false) {
      faults.add(`${pointer}/attributes`, `"${name}" must be ${allowed.join(', ')}.`)
    }
  }
}

/**
 * SHA-256 of the canonical JSON (RFC 8785) of an audit record as it is kept. The draft names the
 * members, and has values in the wrappers of OTLP/JSON; where redaction took something, the hash is
 * of what is left, so that whoever sent it sees that it is not the same.
 * @param event as it is kept
 */
export function hashAuditRecord({ sent, attributes }: LogRecord, event: JsonObject): string {
  const kept = membersOf(event.data)
  const types = new Map(readPairs(sent.attributes))
  const keptAttributes = membersOf(kept.attributes)
  const wrapped = Object.keys(attributes).flatMap((key) =>
    Object.hasOwn(keptAttributes, key)
      ? [[key, toAnyValue(types.get(key), keptAttributes[key])]]
      : [],
  )
  const record = {
    Timestamp: kept.timeUnixNano,
    ObservedTimestamp: kept.observedTimeUnixNano,
    EventName: event.action,
    Body: kept.body === undefined ? undefined : toAnyValue(sent.body, kept.body),
    Attributes: Object.fromEntries(wrapped),
    TraceId: membersOf(event.context).trace,
    SpanId: kept.spanId,
  }
  return hash('sha256', formatCanonical(record))
}

function readPairs(list: unknown): (readonly [string, unknown])[] {
  if (!Array.isArray(list)) return []
  return list.map((item) => {
    const { key, value } = membersOf(item)
    return [typeof key === 'string' ? key : '', value] as const
  })
}

/** The value as it was sent, of the type that it had; of what was redacted, the type that it has. */
function toAnyValue(sent: unknown, kept: unknown): unknown {
  const isWhole = isDeepStrictEqual(readAnyValue(sent, '', createFaultList()), kept)
  return isWhole ? toCanonicalValue(sent) : wrap(kept)
}

/** JSON and protobuf have several ways to write one value; here is one. */
function toCanonicalValue(sent: unknown): unknown {
  const { arrayValue, kvlistValue, bytesValue, doubleValue } = membersOf(sent)
  const plain = readAnyValue(sent, '', createFaultList())
  if (Array.isArray(plain)) {
    const { values } = membersOf(arrayValue)
    return { arrayValue: { values: (Array.isArray(values) ? values : []).map(toCanonicalValue) } }
  }
  if (typeof plain === 'object' && plain !== null) {
    const pairs = readPairs(membersOf(kvlistValue).values)
    return {
      kvlistValue: { values: pairs.map(([key, value]) => toPair(key, toCanonicalValue(value))) },
    }
  }
  if (typeof bytesValue === 'string') return { bytesValue }
  if (doubleValue !== undefined && doubleValue !== null) return { doubleValue: plain }
  // Digits that a double can't carry stay digits.
  return membersOf(sent).intValue === undefined ? wrap(plain) : { intValue: plain }
}

const toPair = (key: string, value: unknown) => ({ key, value })

function wrap(value: unknown): unknown {
  if (value === null || value === undefined) return {}
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'number') {
    return Number.isInteger(value) ? { intValue: value } : { doubleValue: value }
  }
  if (Array.isArray(value)) return { arrayValue: { values: value.map(wrap) } }
  const values = Object.entries(value).map(([key, member]) => toPair(key, wrap(member)))
  return { kvlistValue: { values } }
}

/** RFC 8785, of JSON that intake let in: members by their UTF-16 units, numbers as ECMAScript's. */
function formatCanonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(formatCanonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  members.sort(([one], [other]) => (one < other ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${formatCanonical(member)}`).join(',')}}`
}
