import { limits } from '@indelible/protocol'
import type { FaultList } from '../base/fault-list.ts'
import { appendPointer } from '../base/pointer.ts'

/**
 * Names that a careless merge, downstream or in a console, would take for an object's prototype.
 */
const refusedNames: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/** @returns whether an event may have no member of this name, anywhere */
export const isRefusedName = (name: string): boolean => refusedNames.has(name)

/**
 * What is looked at further, in characters of its names and strings: redaction may make an event
 * smaller than it was submitted, but must not be given megabytes to look through.
 */
const submittedCharsMax = 2 * limits.eventBytesMax

/** True if a value keeps to the bounds of an event and has no refused name. */
export function isWellStructured(value: unknown): boolean {
  return countChars(value, 1, true) <= submittedCharsMax
}

/** True if a value is so large, or has an object so large, that naming its faults isn't worth it. */
export function isTooLarge(value: unknown): boolean {
  return countChars(value, 1, false) > submittedCharsMax
}

/**
 * Characters of names and strings, one for any other scalar. Infinitely many where an object has
 * too many members, or, if `isStrict`, where depth or a name is refused; stops at the bound.
 */
function countChars(value: unknown, depth: number, isStrict: boolean): number {
  if (typeof value === 'string') return value.length
  if (typeof value !== 'object' || value === null) return 1
  if (depth > limits.eventDepthMax) return isStrict ? Infinity : 0
  let chars = 0
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length && chars <= submittedCharsMax; index++) {
      chars += countChars(value[index], depth + 1, isStrict)
    }
    return chars
  }
  let members = 0
  for (const name in value) {
    if (++members > limits.objectMembersMax) return Infinity
    if (isStrict && refusedNames.has(name)) return Infinity
    // Parsed JSON: every member is an own, plain one.
    const member = (value as Record<string, unknown>)[name]
    chars += name.length + countChars(member, depth + 1, isStrict)
    if (chars > submittedCharsMax) return chars
  }
  return chars
}

/** Names every fault of the kinds that `isWellStructured` looks for. */
export function addStructureFaults(value: unknown, pointer: string, faults: FaultList): void {
  const chars = countChars(value, 1, false)
  if (chars > submittedCharsMax && chars < Infinity) {
    faults.add(pointer, `Far over the ${limits.eventBytesMax} bytes that an event may have.`)
  } else addFaultsAt(value, pointer, 1, faults)
}

function addFaultsAt(value: unknown, pointer: string, depth: number, faults: FaultList): void {
  if (typeof value !== 'object' || value === null) return
  if (depth > limits.eventDepthMax) {
    faults.add(pointer, `Nested deeper than ${limits.eventDepthMax} levels.`)
  } else if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const item: unknown = value[index]
      if (typeof item === 'object') addFaultsAt(item, `${pointer}/${index}`, depth + 1, faults)
    }
  } else addMemberFaults(value, pointer, depth, faults)
}

function addMemberFaults(object: object, pointer: string, depth: number, faults: FaultList): void {
  const names = Object.keys(object)
  if (names.length > limits.objectMembersMax) {
    faults.add(
      pointer,
      `${names.length} members; an object has ${limits.objectMembersMax} at most.`,
    )
    return
  }
  for (const [name, member] of Object.entries(object)) {
    const memberPointer = appendPointer(pointer, name)
    if (refusedNames.has(name)) {
      faults.add(memberPointer, `A member may not be called ${name}: rename it.`)
    } else addFaultsAt(member, memberPointer, depth + 1, faults)
  }
}
