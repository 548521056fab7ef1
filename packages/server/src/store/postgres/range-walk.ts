/** Indexes with from <= index < until. */
export interface Range {
  readonly from: number
  readonly until: number
}

export interface WalkOptions {
  /** Widths of the ranges of each level, in bits of the index, ascending. */
  readonly bits: readonly number[]
  /** Entries at the near end that are looked at one by one: a common fact is found there at once. */
  readonly nearEntries: number
  /** Hits of one range; where there are more it is taken in its parts. */
  readonly hitsMax: number
  /** Newest first. */
  readonly backwards: boolean
  /** Hits of a short range, nearest first, at most `limit`. */
  readonly scan: (range: Range, limit: number) => Promise<number[]>
  /** Hits of a block of a level, in any order, at most `limit`. */
  readonly probe: (level: number, block: number, limit: number) => Promise<number[]>
}

/**
 * The nearest hits of an index that knows no order. Ranges grow while hits are few, so that a rare
 * fact takes few lookups; one that holds too many hits is given up and taken in its parts, so that
 * a common fact takes few hits.
 * @returns at most `wanted` indexes of the range, nearest first
 */
export async function walkRanges(
  options: WalkOptions,
  range: Range,
  wanted: number,
): Promise<number[]> {
  const { bits, nearEntries, hitsMax, backwards, scan, probe } = options
  const widthOf = (level: number) => 2 ** (bits[level] ?? 0)

  /** What of a range lies in the block of its near end. */
  const nearPart = ({ from, until }: Range, level: number): Range => {
    const width = widthOf(level)
    if (backwards) return { from: Math.max(from, until - 1 - ((until - 1) % width)), until }
    return { from, until: Math.min(until, from - (from % width) + width) }
  }
  const beyond = (rest: Range, near: Range): Range =>
    backwards ? { from: rest.from, until: near.from } : { from: near.until, until: rest.until }

  /** Hits of a part of one block of the level. */
  const search = async (part: Range, level: number, limit: number): Promise<number[]> => {
    // The narrowest blocks are taken whole.
    const most = level === 0 ? widthOf(0) : hitsMax
    const hits = await probe(level, Math.floor(part.from / widthOf(level)), most + 1)
    if (hits.length <= most) {
      const inside = hits.filter((index) => index >= part.from && index < part.until)
      return inside.sort((a, b) => (backwards ? b - a : a - b)).slice(0, limit)
    }
    const found: number[] = []
    for (let rest = part; rest.from < rest.until && found.length < limit; ) {
      const smaller = nearPart(rest, level - 1)
      found.push(...(await search(smaller, level - 1, limit - found.length)))
      rest = beyond(rest, smaller)
    }
    return found
  }

  const near = backwards
    ? { from: Math.max(range.from, range.until - nearEntries), until: range.until }
    : { from: range.from, until: Math.min(range.until, range.from + nearEntries) }
  const found = await scan(near, wanted)
  let level = 0
  for (let rest = beyond(range, near); rest.from < rest.until && found.length < wanted; ) {
    const part = nearPart(rest, level)
    found.push(...(await search(part, level, wanted - found.length)))
    rest = beyond(rest, part)
    level = Math.min(level + 1, bits.length - 1)
  }
  return found
}
