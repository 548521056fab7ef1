import type { Entry } from '@indelible/protocol'

type Placed = Pick<Entry, 'tenant' | 'index' | 'received'>

/** The order of a search, newest first: within a log by index, over logs by the time received. */
function isNewer(one: Placed, other: Placed): boolean {
  if (one.tenant === other.tenant) return one.index > other.index
  return one.received === other.received ? one.tenant > other.tenant : one.received > other.received
}

/**
 * What was found and what came live, newest first, each entry once. What is older than all that was
 * found is left to the pages that are still to come: between it and them there may be others.
 */
export function mergeLive<One extends Placed>(
  live: readonly One[],
  found: readonly One[],
): readonly One[] {
  if (live.length === 0) return found
  const oldest = found.at(-1)
  const known = new Set(found.map(keyOf))
  const rest = live.filter(
    (entry) => !known.has(keyOf(entry)) && (oldest === undefined || isNewer(entry, oldest)),
  )
  if (rest.length === 0) return found
  const merged: One[] = []
  let at = 0
  for (const entry of found) {
    for (let next = rest[at]; next !== undefined && isNewer(next, entry); next = rest[at]) {
      merged.push(next)
      at += 1
    }
    merged.push(entry)
  }
  return [...merged, ...rest.slice(at)]
}

const keyOf = ({ tenant, index }: Placed): string => `${tenant}/${index}`
