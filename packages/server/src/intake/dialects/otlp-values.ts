import { limits } from '@indelible/protocol'
import type { FaultList } from '../../base/fault-list.ts'
import { isObject, type JsonObject } from '../../base/json-object.ts'
import { findNumberFault } from '../json-number.ts'

/** `{}`, with a fault, for what is no object; without one where there is nothing. */
export function readObject(value: unknown, pointer: string, faults: FaultList): JsonObject {
  if (isObject(value)) return value
  if (value !== undefined && value !== null) faults.add(pointer, 'Must be an object.')
  return {}
}

/** `[]`, with a fault, for what is no array; without one where there is nothing. */
export function readList(value: unknown, pointer: string, faults: FaultList): readonly unknown[] {
  if (Array.isArray(value)) return value
  if (value !== undefined && value !== null) faults.add(pointer, 'Must be an array.')
  return []
}

/** A text that says something; undefined, with a fault for anything but a text, where none does. */
export function readText(value: unknown, pointer: string, faults: FaultList): string | undefined {
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value === 'string') return value
  faults.add(pointer, 'Must be a string.')
  return undefined
}

/**
 * A list of `KeyValue` as one object. The specification wants keys to be unique: which of two was
 * meant is not ours to guess.
 */
export function readAttributes(value: unknown, pointer: string, faults: FaultList): JsonObject {
  const attributes = new Map<string, unknown>()
  const list = readList(value, pointer, faults)
  if (list.length > limits.objectMembersMax) {
    faults.add(pointer, `${list.length} of them; there are ${limits.objectMembersMax} at most.`)
    return {}
  }
  for (const [n, item] of list.entries()) {
    const at = `${pointer}/${n}`
    const { key, value: held } = readObject(item, at, faults)
    // A key may be left out where it is empty, as protobuf does it.
    const name = key ?? ''
    if (typeof name !== 'string') faults.add(`${at}/key`, 'Must be a string.')
    else if (attributes.has(name)) faults.add(`${at}/key`, 'The same key again in one list.')
    else attributes.set(name, readAnyValue(held, `${at}/value`, faults))
  }
  // Own members, whatever they are called: admission refuses `__proto__`.
  return Object.fromEntries(attributes)
}

type ReadKind = (value: unknown, pointer: string, faults: FaultList) => unknown

const kinds: readonly (readonly [name: string, read: ReadKind])[] = [
  ['stringValue', (value, at, faults) => readText(value, at, faults) ?? ''],
  ['boolValue', readBoolean],
  ['intValue', readInteger],
  ['doubleValue', readDouble],
  ['arrayValue', readArray],
  [
    'kvlistValue',
    (value, at, faults) => {
      const { values } = readObject(value, at, faults)
      return readAttributes(values, `${at}/values`, faults)
    },
  ],
  ['bytesValue', (value, at, faults) => readText(value, at, faults) ?? ''],
]

/**
 * An `AnyValue` as plain JSON; bytes stay base64, an integer that a double can't carry becomes its
 * digits. Recursion is bounded by what decoded it.
 */
export function readAnyValue(value: unknown, pointer: string, faults: FaultList): unknown {
  const any = readObject(value, pointer, faults)
  for (const [name, read] of kinds) {
    const { [name]: held } = any
    if (held !== undefined && held !== null) return read(held, `${pointer}/${name}`, faults)
  }
  // No kind, or one that is newer than this: fields that aren't known are ignored.
  return null
}

function readBoolean(value: unknown, pointer: string, faults: FaultList): boolean {
  if (typeof value !== 'boolean') faults.add(pointer, 'Must be true or false.')
  return value === true
}

/** The JavaScript client sends a number, others digits, as ProtoJSON wants it. */
function readInteger(value: unknown, pointer: string, faults: FaultList): number | string {
  if (typeof value === 'number' && Number.isInteger(value)) return value
  if (typeof value === 'string' && /^-?\d{1,19}$/.test(value)) {
    return Number.isSafeInteger(Number(value)) ? Number(value) : value
  }
  faults.add(pointer, 'Must be an integer of 64 bits, as a number or as digits.')
  return 0
}

function readDouble(value: unknown, pointer: string, faults: FaultList): number | string {
  if (typeof value === 'number') {
    const text = String(value)
    // JSON has no infinity, and what is kept must be read again as it was sent.
    return findNumberFault(text, value, false) === undefined && !Number.isNaN(value) ? value : text
  }
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return value
  faults.add(pointer, 'Must be a number.')
  return 0
}

function readArray(value: unknown, pointer: string, faults: FaultList): unknown[] {
  const { values } = readObject(value, pointer, faults)
  const list = readList(values, `${pointer}/values`, faults)
  return list.map((item, n) => readAnyValue(item, `${pointer}/values/${n}`, faults))
}

/**
 * Nanoseconds since 1970, which no double carries: digits, in JSON a number if it is small.
 * @returns digits; undefined for 0, which stands for no time
 */
export function readNanoseconds(
  value: unknown,
  pointer: string,
  faults: FaultList,
): string | undefined {
  const digits = typeof value === 'number' ? String(value) : (value ?? '0')
  if (typeof digits === 'string' && /^\d{1,20}$/.test(digits) && BigInt(digits) < 1n << 64n) {
    return /^0+$/.test(digits) ? undefined : digits
  }
  faults.add(pointer, 'Must be nanoseconds since 1970, as decimal digits in a string.')
  return undefined
}

/** RFC 3339, in milliseconds; 64 bits of nanoseconds end in the year 2554. */
export const formatNanoseconds = (digits: string): string =>
  new Date(Number(digits.slice(0, -6))).toISOString()
