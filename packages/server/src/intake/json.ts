import { Refusal } from '../base/refusal.ts'
import { parseDepthMax, parseItemsMax, parseStrictJson, type TextPlace } from './strict-json.ts'

/**
 * Bytes → value, refusing whatever JSON can't carry faithfully (RFC 8259 with the strictness of
 * RFC 7493): what is kept and hashed must be what was sent.
 */

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Above this many characters depth and breadth are looked at first: `JSON.parse` itself follows
 * millions of levels or members, at seconds of time and hundreds of megabytes for 16 MiB.
 */
const boundedFromChars = 64 * 1024

/** An integer long enough to be unsafe, where compact JSON can have a number. */
const longInteger = /(?:^|[:,[])-?\d{16}/

/**
 * Parses one JSON text.
 *
 * @throws Refusal `json-malformed` with line and column: syntax, UTF-8, byte order mark, duplicate
 *   member, lone surrogate, NUL, a number that a double can't carry; `event-invalid` if it nests
 *   so deeply (more than twice `eventDepthMax`), or one array or object has so many items, that
 *   it isn't even read to its end.
 */
export function parseJson(bytes: Uint8Array): unknown {
  return parseJsonText(decodeUtf8(bytes), { line: 1, pointer: '' })
}

/** Like `parseJson`, for a text that begins at `place` of what the caller sent. */
export function parseJsonText(text: string, place: TextPlace): unknown {
  if (text.length > boundedFromChars && isBeyondBounds(text)) {
    return parseStrictJson(text, place)
  }
  const parsed = parseFaithful(text)
  return parsed === undefined ? parseStrictJson(text, place) : parsed
}

/** @throws Refusal `json-malformed` naming the line and column of the first byte that isn't UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch {
    throw new Refusal('json-malformed', {
      detail: `The body is not valid UTF-8 ${describeFirstInvalidByte(bytes)}.`,
    })
  }
}

/**
 * The fast path. A text that `JSON.stringify` gives back unchanged has no duplicate member (it
 * would be shorter) and no number that was rounded (it would read differently). Left to suspect
 * are escapes, which may be NUL or lone surrogates, and long integers that happen to be a double's
 * own digits. Five times as fast as the strict scanner.
 *
 * @returns undefined if the text must be looked at by the strict scanner.
 */
function parseFaithful(text: string): unknown {
  if (text.includes('\\u') || longInteger.test(text)) return undefined
  try {
    const parsed: unknown = JSON.parse(text)
    return JSON.stringify(parsed) === text ? parsed : undefined
  } catch {
    return undefined
  }
}

/** True if the strict scanner would not read the text to its end. */
function isBeyondBounds(text: string): boolean {
  const itemsAt = new Int32Array(parseDepthMax + 1)
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x22) at = findClosingQuote(text, at + 1)
    else if (code === 0x2c) {
      const items = (itemsAt[depth] ?? 0) + 1
      if (items >= parseItemsMax) return true
      itemsAt[depth] = items
    } else if (code === 0x5b || code === 0x7b) {
      if (++depth > parseDepthMax) return true
      itemsAt[depth] = 0
    } else if (code === 0x5d || code === 0x7d) depth--
  }
  return false
}

/** @returns where the string ends whose text begins at `from`; the text's end if it doesn't */
export function findClosingQuote(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x22) return at
    if (code === 0x5c) at++
  }
  return text.length
}

function describeFirstInvalidByte(bytes: Uint8Array): string {
  // The lenient decoder puts U+FFFD where the strict one stops; a U+FFFD that was sent is skipped.
  const lenient = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  let offset = 0
  let line = 1
  let column = 1
  for (const character of lenient) {
    const isReplacement = character === '\ufffd'
    if (isReplacement && !isEncodedReplacement(bytes, offset)) break
    offset += Buffer.byteLength(character)
    column += character.length
    if (character === '\n') {
      line++
      column = 1
    }
  }
  return `at line ${line}, column ${column}`
}

function isEncodedReplacement(bytes: Uint8Array, offset: number): boolean {
  return bytes[offset] === 0xef && bytes[offset + 1] === 0xbf && bytes[offset + 2] === 0xbd
}
