/** Indexes with from <= index < until. */
export interface Range {
  readonly from: number
  readonly until: number
}

/** Blocks of a level, first to last, in the order of the walk. */
export interface Blocks {
  readonly level: number
  readonly first: number
  readonly last: number
}

export interface WalkOptions {
  /** Widths of the ranges of each level, in bits of the index, ascending. */
  readonly bits: readonly number[]
  /** Entries at the near end that are looked at one by one: a common fact is found there at once. */
  readonly nearEntries: number
  /** Newest first. */
  readonly backwards: boolean
  /** Hits of a short range, nearest first, at most `limit`. */
  readonly scan: (range: Range, limit: number) => Promise<number[]>
  /**
   * Hits of a range that lies in one block, nearest first, at most `limit`; undefined where the
   * block has too many of them, which the narrowest never has.
   */
  readonly probe: (
    level: number,
    block: number,
    range: Range,
    limit: number,
  ) => Promise<number[] | undefined>
  /** The first of the blocks that has a hit; undefined if none has. */
  readonly locate: (blocks: Blocks) => Promise<number | undefined>
}

/**
 * The nearest hits of an index that knows no order. Ranges grow while hits are few, so that a rare
 * fact takes few lookups; one that holds too many hits is given up and taken in its parts, the
 * nearest that has any first, so that a common fact takes few hits.
 * @returns at most `wanted` indexes of the range, nearest first
 */
export async function walkRanges(
  options: WalkOptions,
  range: Range,
  wanted: number,
): Promise<number[]> {
  const { bits, nearEntries, backwards, scan, probe, locate } = options
  const blockOf = (index: number, level: number) => Math.floor(index / 2 ** (bits[level] ?? 0))
  /** What of a range lies in a block. */
  const within = ({ from, until }: Range, level: number, block: number): Range => {
    const width = 2 ** (bits[level] ?? 0)
    return { from: Math.max(from, block * width), until: Math.min(until, (block + 1) * width) }
  }
  const nearIndex = ({ from, until }: Range) => (backwards ? until - 1 : from)
  const farIndex = ({ from, until }: Range) => (backwards ? from : until - 1)
  const beyond = (rest: Range, near: Range): Range =>
    backwards ? { from: rest.from, until: near.from } : { from: near.until, until: rest.until }

  /** Hits of a part of one block of the level. */
  const search = async (part: Range, level: number, limit: number): Promise<number[]> => {
    const block = blockOf(part.from, level)
    const hits = await probe(level, block, part, limit)
    if (hits !== undefined) return hits
    if (level === 0) throw new Error(`Block ${block} holds more entries than it is wide.`)
    const found: number[] = []
    for (let rest = part; rest.from < rest.until && found.length < limit; ) {
      const first = blockOf(nearIndex(rest), level - 1)
      const last = blockOf(farIndex(rest), level - 1)
      const next = await locate({ level: level - 1, first, last })
      if (next === undefined) break
      const smaller = within(rest, level - 1, next)
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
    const part = within(rest, level, blockOf(nearIndex(rest), level))
    found.push(...(await search(part, level, wanted - found.length)))
    rest = beyond(rest, part)
    level = Math.min(level + 1, bits.length - 1)
  }
  return found
}
