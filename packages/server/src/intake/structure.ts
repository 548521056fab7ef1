import { limits } from '@indelible/protocol'
import type { FaultList } from './fault-list.ts'
import { appendPointer } from './pointer.ts'

/**
 * Names that a careless merge, downstream or in a console, would take for an object's prototype.
 */
const refusedNames: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/** True if a value keeps to `eventDepthMax`, `objectMembersMax` and has no refused name. */
export function isWellStructured(value: unknown, depth = 1): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (depth > limits.eventDepthMax) return false
  if (Array.isArray(value)) {
    for (const item of value) {
      if (typeof item === 'object' && !isWellStructured(item, depth + 1)) return false
    }
    return true
  }
  let members = 0
  for (const key in value) {
    if (refusedNames.has(key) || ++members > limits.objectMembersMax) return false
    // Parsed JSON: every member is an own, plain one.
    const member = (value as Record<string, unknown>)[key]
    if (typeof member === 'object' && !isWellStructured(member, depth + 1)) return false
  }
  return true
}

/** Names every fault of the kinds that `isWellStructured` looks for. */
export function addStructureFaults(value: unknown, pointer: string, faults: FaultList): void {
  addFaultsAt(value, pointer, 1, faults)
}

function addFaultsAt(value: unknown, pointer: string, depth: number, faults: FaultList): void {
  if (typeof value !== 'object' || value === null) return
  if (depth > limits.eventDepthMax) {
    faults.add(pointer, `Nested deeper than ${limits.eventDepthMax} levels.`)
    return
  }
  const members = Object.entries(value)
  if (!Array.isArray(value) && members.length > limits.objectMembersMax) {
    faults.add(
      pointer,
      `${members.length} members; one object has ${limits.objectMembersMax} at most.`,
    )
  }
  for (const [key, member] of members) {
    const memberPointer = appendPointer(pointer, key)
    if (!Array.isArray(value) && refusedNames.has(key)) {
      faults.add(memberPointer, `A member may not be called ${key}: rename it.`)
    } else addFaultsAt(member, memberPointer, depth + 1, faults)
  }
}
