/**
 * Bytes and their texts. Parsing is strict, so that one value has one text only: whoever compares
 * texts then compares values. A parser answers `undefined` and leaves the error to its caller.
 */

const encoder = new TextEncoder()

/** UTF-8 of a text. Check `isWellFormed` first: a lone surrogate would be encoded as U+FFFD. */
export const encodeUtf8 = (text: string): Uint8Array => encoder.encode(text)

export function concatBytes(...chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0))
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}

/** Plain comparison: nothing compared here is secret. */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, at) => byte === right[at])
}

/** Lower-case hexadecimal. */
export function formatHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Parses lower-case hexadecimal, whole bytes only. */
export function parseHex(text: string): Uint8Array | undefined {
  const bytes = Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
  return formatHex(bytes) === text ? bytes : undefined
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const sextets = new Map(Array.from(alphabet, (character, value) => [character, value]))

/** Base64 with padding (RFC 4648 §4). */
export function formatBase64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at
    const group = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0)
    text += alphabet.charAt(group >> 18) + alphabet.charAt((group >> 12) & 63)
    text += left > 1 ? alphabet.charAt((group >> 6) & 63) : '='
    text += left > 2 ? alphabet.charAt(group & 63) : '='
  }
  return text
}

/**
 * Parses base64 with its padding (RFC 4648 §4). White space, missing padding, the URL alphabet and
 * stray bits behind the last byte are refused, where `atob` would take some of them.
 */
export function parseBase64(text: string): Uint8Array | undefined {
  const digits = text.replace(/={1,2}$/, '')
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4))
  let bits = 0
  for (let at = 0, to = 0; at < digits.length; at += 1) {
    bits = ((bits & 0xffff) << 6) | (sextets.get(digits.charAt(at)) ?? 0)
    // Of every four digits all but the first complete a byte: by 4, by 2 and by 0 bits too many.
    if (at % 4 > 0) bytes[to++] = bits >> (6 - (at % 4) * 2)
  }
  // Read loosely, judged strictly: of all texts with these bytes, only one is written by us.
  return formatBase64(bytes) === text ? bytes : undefined
}

/** Parses a decimal without leading zeroes, up to 2^53 − 1. */
export function parseDecimal(text: string): number | undefined {
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(text)) return undefined
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : undefined
}

/** Whether a number can be a size or an index. */
export const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0
