/**
 * Plain data, as the service takes it, out of whatever there is: bodies, which a caller controls, and
 * what the application's own functions answer. Nothing in it can have an event refused.
 */

const depthMax = 20
const objectMembersMax = 900
/** What a scalar counts: a secret among them is masked by what is longer. */
const scalarBytes = 6

/** Why something is not kept. */
export class Omission extends Error {}

/**
 * A copy of plain data: dates as texts, `toJSON` asked, and an object that is none of that, such as a
 * file, a stream or bytes, replaced by `{ omitted }`. A value changed meanwhile changes nothing here.
 * @param bytesMax of its JSON, about; the work is bounded by it, whatever the value's size
 * @throws Omission where it is larger, or deeper than any event may be: cycles are
 */
export function copyPlain(value: unknown, bytesMax: number): unknown {
  return copy(value, { bytes: bytesMax }, 0)
}

interface Room {
  bytes: number
}

function take(room: Room, bytes: number): void {
  room.bytes -= bytes
  if (room.bytes < 0) throw new Omission('too large')
}

function copy(value: unknown, room: Room, depth: number): unknown {
  if (typeof value === 'string') {
    take(room, countBytes(value, room.bytes))
    return tell(value)
  }
  take(room, scalarBytes)
  if (typeof value === 'number') return tellNumber(value)
  if (typeof value === 'bigint') return `${value}`
  if (typeof value === 'boolean' || value === null) return value
  if (typeof value !== 'object') return undefined
  if (depth >= depthMax) throw new Omission('too deep')
  if (Array.isArray(value)) return copyArray(value, room, depth)
  return copyObject(value, room, depth)
}

function copyArray(array: readonly unknown[], room: Room, depth: number): unknown {
  // One with holes can be longer than any memory.
  if (array.length > room.bytes) throw new Omission('too large')
  return Array.from(array, (item) => copy(item, room, depth + 1) ?? null)
}

function copyObject(value: object, room: Room, depth: number): unknown {
  if (ArrayBuffer.isView(value)) return notPlain()
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    return copy(value.toJSON(), room, depth + 1)
  }
  if (!isPlain(value)) return notPlain()
  const members: [string, unknown][] = []
  // Not `Object.entries`: it reads all of what may be far too large.
  for (const name in value) {
    if (!Object.hasOwn(value, name)) continue
    if (members.length >= objectMembersMax) throw new Omission('too many members')
    take(room, countBytes(name, room.bytes))
    const member = copy((value as Record<string, unknown>)[name], room, depth + 1) // its own
    members.push([tellName(name), member])
  }
  return Object.fromEntries(members)
}

const notPlain = () => ({ omitted: 'not plain data' })

export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** Bytes of a string's JSON, with quotes; at once where it is longer than there is room. */
function countBytes(text: string, room: number): number {
  let bytes = text.length + 3
  if (bytes > room || /^[ !#-[\]-~]*$/.test(text)) return bytes
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code < 0x20) bytes += 5
    else if (code === 0x22 || code === 0x5c) bytes += 1
    else if (code > 0x7f) bytes += code < 0x800 ? 1 : 2
  }
  return bytes
}

/** A string that JSON carries faithfully: no NUL, no half of a character. */
export function tell(text: string): string {
  const wellFormed = text.isWellFormed() ? text : text.toWellFormed()
  return wellFormed.includes('\0') ? wellFormed.replaceAll('\0', '\u{FFFD}') : wellFormed
}

/** Its beginning, as `tell` tells it. */
export const clip = (text: string, charsMax: number): string =>
  tell(text.length > charsMax ? text.slice(0, charsMax) : text)

/** The service refuses numbers that a double can't carry. */
const tellNumber = (number: number): number | string =>
  Math.abs(number) <= Number.MAX_SAFE_INTEGER ? number : `${number}`

/** The service refuses what could be taken for a prototype. */
const tellName = (name: string): string =>
  name === '__proto__' || name === 'constructor' || name === 'prototype' ? `(${name})` : tell(name)
