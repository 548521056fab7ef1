import type { AdmittedEvent, Parts } from '../store/store.ts'

/**
 * Is this the event that was kept under the same id? Compared as submitted, after redaction: the
 * order of members aside, and without what we stamped (`time`, when the caller left it out). That it
 * came late (`context.backfilled`) is of the delivery and not of the event: a retry may be later.
 */
export function hasSameContent(submitted: AdmittedEvent, kept: Parts): boolean {
  const labels = new Set([...Object.keys(submitted.parts), ...Object.keys(kept)]) as Set<
    keyof Parts // both are keyed by part labels
  >
  for (const label of labels) {
    const [mine, theirs] = [submitted.parts[label], kept[label]]
    if (mine === theirs) continue
    if (mine === undefined || theirs === undefined) return false
    const [left, right] = [JSON.parse(mine), JSON.parse(theirs)]
    if (label === 'core' && submitted.timeStamped) {
      delete left.time
      delete right.time
    }
    if (label === 'context') {
      delete left.backfilled
      delete right.backfilled
    }
    if (!isSame(left, right)) return false
  }
  return true
}

/** Deep equality of parsed JSON, whatever the order of members. */
function isSame(left: unknown, right: unknown): boolean {
  if (left === right) return true
  if (typeof left !== 'object' || typeof right !== 'object') return false
  if (left === null || right === null || Array.isArray(left) !== Array.isArray(right)) return false
  const leftKeys = Object.keys(left)
  if (leftKeys.length !== Object.keys(right).length) return false
  return leftKeys.every(
    (key) =>
      Object.hasOwn(right, key) &&
      isSame((left as Record<string, unknown>)[key], (right as Record<string, unknown>)[key]),
  )
}
