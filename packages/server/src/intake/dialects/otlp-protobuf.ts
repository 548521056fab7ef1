import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { limits } from '@indelible/protocol'
import { Refusal } from '../../base/refusal.ts'
import { parseDepthMax, parseItemsMax } from '../strict-json.ts'

/**
 * OTLP's messages on the wire of protobuf, as the JSON that they are in OTLP/HTTP: from there on
 * there is one way. The fields are written down here, so that bounds hold while it is read, and no
 * code is made of descriptions.
 */

/**
 * Attributes, list items and values of one request: two bytes make one of them, and a hundred bytes
 * in memory.
 */
const messagesMax = 1_000_000

/** One body under way. */
interface Source {
  readonly reader: BinaryReader
  /** Whether what is no text for us becomes U+FFFD. */
  readonly isTolerant: boolean
  depth: number
  messages: number
}

type Read = (source: Source) => unknown

interface Field {
  readonly name: string
  readonly wire: WireType
  readonly read: Read
  readonly isRepeated?: true
}

type Fields = Readonly<Record<number, Field>>

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const tolerantDecoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** A text that JSON can carry and every store can keep. */
function readText({ reader, isTolerant }: Source): string {
  const bytes = reader.bytes()
  if (isTolerant) return tolerantDecoder.decode(bytes).replaceAll('\0', '\ufffd')
  const text = decoder.decode(bytes)
  if (text.includes('\0')) throw new Error('a text has the character NUL')
  return text
}

const text = (name: string): Field => ({ name, wire: WireType.LengthDelimited, read: readText })

const bytes = (name: string, encoding: 'hex' | 'base64'): Field => ({
  ...{ name, wire: WireType.LengthDelimited },
  read: ({ reader }) => {
    const { buffer, byteOffset, byteLength } = reader.bytes()
    return Buffer.from(buffer, byteOffset, byteLength).toString(encoding)
  },
})

const varint = (name: string, read: Read): Field => ({ name, wire: WireType.Varint, read })
const fixed64 = (name: string): Field => ({
  ...{ name, wire: WireType.Bit64, read: ({ reader }) => String(reader.fixed64()) },
})
const count = (name: string): Field => varint(name, ({ reader }) => reader.uint32())

/** @param fields looked up only when there is one to read: messages hold each other */
const message = (name: string, fields: () => Fields): Field => ({
  ...{ name, wire: WireType.LengthDelimited },
  read: (source) => readMessage(source, fields(), source.reader.uint32()),
})
const list = (field: Field): Field => ({ ...field, isRepeated: true })

const anyValue: Fields = {
  1: text('stringValue'),
  2: varint('boolValue', ({ reader }) => reader.bool()),
  3: varint('intValue', ({ reader }) => String(reader.int64())),
  4: { name: 'doubleValue', wire: WireType.Bit64, read: ({ reader }) => toJson(reader.double()) },
  5: message('arrayValue', () => ({ 1: list(message('values', () => anyValue)) })),
  6: message('kvlistValue', () => ({ 1: list(message('values', () => keyValue)) })),
  7: bytes('bytesValue', 'base64'),
}
const keyValue: Fields = { 1: text('key'), 2: message('value', () => anyValue) }
const attributes = list(message('attributes', () => keyValue))

const logRecord: Fields = {
  1: fixed64('timeUnixNano'),
  2: count('severityNumber'),
  3: text('severityText'),
  5: message('body', () => anyValue),
  6: attributes,
  7: count('droppedAttributesCount'),
  8: { name: 'flags', wire: WireType.Bit32, read: ({ reader }) => reader.fixed32() },
  9: bytes('traceId', 'hex'),
  10: bytes('spanId', 'hex'),
  11: fixed64('observedTimeUnixNano'),
  12: text('eventName'),
}
const scope: Fields = { 1: text('name'), 2: text('version'), 3: attributes }
const scopeLogs: Fields = {
  1: message('scope', () => scope),
  2: list(message('logRecords', () => logRecord)),
}
const resourceLogs: Fields = {
  1: message('resource', () => ({ 1: attributes })),
  2: list(message('scopeLogs', () => scopeLogs)),
}
const exportRequest: Fields = { 1: list(message('resourceLogs', () => resourceLogs)) }

/** Of JSON's numbers, infinity is none. */
const toJson = (value: number): number | string => (Number.isFinite(value) ? value : String(value))

/**
 * An `ExportLogsServiceRequest` as its JSON.
 * @param isTolerant whether NUL, and bytes that are no UTF-8, are changed and not refused
 * @throws Refusal `json-malformed`; `event-invalid` for what is beyond what is read
 */
export function decodeOtlp(body: Uint8Array, isTolerant: boolean): unknown {
  const reader = new BinaryReader(body)
  try {
    return readMessage({ reader, isTolerant, depth: 0, messages: 0 }, exportRequest, body.length)
  } catch (error) {
    if (error instanceof Refusal) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new Refusal('json-malformed', {
      detail: `The body is no protobuf of ExportLogsServiceRequest: ${reason} (near byte ${Math.min(reader.pos, body.length)}).`,
    })
  }
}

/** Fields that aren't known, or of another wire type, are passed over; what nests counts. */
function readMessage(source: Source, fields: Fields, length: number): Record<string, unknown> {
  const { reader } = source
  const end = reader.pos + length
  if (end > reader.len) throw new RangeError('premature EOF')
  if (++source.messages > messagesMax)
    throw refuse(`More than ${messagesMax} values in one request`)
  if (++source.depth > parseDepthMax) {
    throw refuse(`Nested deeper than ${limits.eventDepthMax} levels`)
  }
  let read: Record<string, unknown> = {}
  while (reader.pos < end) {
    const [number, wire] = reader.tag()
    const field = fields[number]
    if (field === undefined || field.wire !== wire) reader.skip(wire, number)
    else {
      // All kinds of a value are one field: the last that was sent is meant.
      if (fields === anyValue) read = {}
      const value = field.read(source)
      if (field.isRepeated === true) addItem(read, field.name, value)
      else read[field.name] = value
    }
    if (reader.pos > end) throw new RangeError('a field ends behind its message')
  }
  source.depth--
  return read
}

function addItem(read: Record<string, unknown>, name: string, item: unknown): void {
  const items = read[name]
  if (!Array.isArray(items)) read[name] = [item]
  else if (items.push(item) > parseItemsMax)
    throw refuse(`More than ${parseItemsMax} items of ${name}`)
}

const refuse = (what: string): Refusal =>
  new Refusal('event-invalid', {
    detail: `${what}.`,
    errors: [{ pointer: '', detail: `${what}.` }],
  })

/** `google.rpc.Status` on the wire of protobuf. */
export const encodeStatus = ({ code, message: words }: RpcStatus): Buffer =>
  Buffer.from(
    new BinaryWriter()
      .tag(1, WireType.Varint)
      .int32(code)
      .tag(2, WireType.LengthDelimited)
      .string(words)
      .finish(),
  )

/** What OTLP answers where something is wrong. */
export interface RpcStatus {
  readonly code: number
  readonly message: string
}
