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
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/.test(text)) return undefined
  const bytes = new Uint8Array(text.length / 2)
  for (let at = 0; at < bytes.length; at += 1) {
    bytes[at] = Number.parseInt(text.slice(at * 2, at * 2 + 2), 16)
  }
  return bytes
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
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  const bytes = new Uint8Array((text.length / 4) * 3 - padding)
  let bits = 0
  for (let at = 0; at < text.length; at += 1) {
    bits = ((bits & 0x3ffff) << 6) | (sextets.get(text.charAt(at)) ?? 0)
    if (at % 4 !== 3) continue
    const to = ((at - 3) / 4) * 3
    // A typed array ignores what is written behind its end: that is the padding.
    bytes[to] = bits >> 16
    bytes[to + 1] = bits >> 8
    bytes[to + 2] = bits
  }
  const stray = padding === 0 ? 0 : bits & (padding === 1 ? 0xff : 0xffff)
  return stray === 0 ? bytes : undefined
}

/** Parses a decimal without leading zeroes, up to 2^53 − 1. */
export function parseDecimal(text: string): number | undefined {
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(text)) return undefined
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : undefined
}

/** Whether a number can be a size or an index. */
export const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0
