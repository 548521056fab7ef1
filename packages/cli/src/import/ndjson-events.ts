import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import type { Fault } from '@indelible/protocol'
import { type Line, lineBytesMax } from './lines.ts'
import type { Occurrences } from './occurrences.ts'

/** A line made ready to be sent, or why it can't be. */
export type Mapped =
  | { readonly text: string }
  | { readonly code: string; readonly detail: string; readonly errors?: readonly Fault[] }

interface MappingOptions {
  readonly occurrences: Occurrences
  /** For events that name no tenant. */
  readonly tenant: string | undefined
}
export type EventMapper = (line: Line) => Mapped

type JsonObject = { readonly [member: string]: unknown }
const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

type Refused = Extract<Mapped, { code: string }>

export const refuseLong = (): Refused => ({
  ...{ code: 'event-invalid', detail: `The line is longer than ${lineBytesMax} bytes.` },
})

/** Reads a line's bytes as one JSON object, or says why it is none. */
function parseLine({ bytes }: Line): { value: JsonObject; text: string } | Refused {
  if (bytes === undefined) return refuseLong()
  if (!isUtf8(bytes)) return { code: 'json-malformed', detail: 'The line is not valid UTF-8.' }
  const text = bytes
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trim()
  try {
    const value: unknown = JSON.parse(text)
    if (isObject(value)) return { value, text }
    return { code: 'event-invalid', detail: 'The line is JSON, but not an object.' }
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    return { code: 'json-malformed', detail: `The line is not JSON: ${words}` }
  }
}

/** Same file, same line, same id: importing twice adds nothing. */
function deriveId(line: Line, occurrences: Occurrences): string {
  const digest = createHash('sha256')
    .update(line.bytes ?? '')
    .digest()
  return `imp_${digest.toString('hex')}-${occurrences.next(digest)}`
}

/** Puts members first in an object's text, leaving every byte of the rest as it was written. */
function insertMembers(text: string, members: Readonly<Record<string, string>>): string {
  const inserted = Object.entries(members).map(
    ([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`,
  )
  const rest = text.slice(1)
  const comma = rest.trimStart().startsWith('}') ? '' : ','
  return `{${inserted.join(',')}${comma}${rest}`
}

/** An entry of an NDJSON export holds the event as it was kept. */
const isExportedEntry = (value: JsonObject): boolean =>
  isObject(value.event) && typeof value.hash === 'string' && value.type === 'event'

/**
 * One event a line, sent as it is written (so that the service judges the very text), with an id
 * where there is none.
 */
export function createNdjsonMapper({ occurrences, tenant }: MappingOptions): EventMapper {
  return (line) => {
    const parsed = parseLine(line)
    if ('code' in parsed) return parsed
    const value = isExportedEntry(parsed.value) ? parsed.value.event : parsed.value
    if (!isObject(value)) return { code: 'event-invalid', detail: 'The line holds no event.' }
    const text = value === parsed.value ? parsed.text : JSON.stringify(value)
    const missing: Record<string, string> = {}
    if (!Object.hasOwn(value, 'id')) missing.id = deriveId(line, occurrences)
    if (tenant !== undefined && !Object.hasOwn(value, 'tenant')) missing.tenant = tenant
    return { text: Object.keys(missing).length === 0 ? text : insertMembers(text, missing) }
  }
}
