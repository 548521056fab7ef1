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
  /** Blocks that are asked at a time for whether they have a hit. */
  readonly locateBlocksMax: number
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
 * fact takes few lookups. Where one holds too many, its nearest narrow block that has any is found,
 * and the walk goes on from there, so that a common fact takes few hits.
 * @returns at most `wanted` indexes of the range, nearest first
 */
export async function walkRanges(
  options: WalkOptions,
  range: Range,
  wanted: number,
): Promise<number[]> {
  const { bits, nearEntries, locateBlocksMax, backwards, scan, probe, locate } = options
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
  const blocksOf = (part: Range, level: number): Blocks => ({
    level,
    first: blockOf(nearIndex(part), level),
    last: blockOf(farIndex(part), level),
  })

  /** The narrowest block of a part that is nearest and has a hit; undefined if none has. */
  const findNearest = async (part: Range, below: number): Promise<Range | undefined> => {
    let level = 0
    while (level < below - 1 && countBlocks(blocksOf(part, level)) > locateBlocksMax) level++
    const block = await locate(blocksOf(part, level))
    if (block === undefined) return undefined
    const smaller = within(part, level, block)
    return level === 0 ? smaller : findNearest(smaller, level)
  }

  const near = backwards
    ? { from: Math.max(range.from, range.until - nearEntries), until: range.until }
    : { from: range.from, until: Math.min(range.until, range.from + nearEntries) }
  const found = await scan(near, wanted)
  let rest = beyond(range, near)
  for (let level = 0; rest.from < rest.until && found.length < wanted; ) {
    const block = blockOf(nearIndex(rest), level)
    const part = within(rest, level, block)
    const hits = await probe(level, block, part, wanted - found.length)
    if (hits !== undefined) {
      found.push(...hits)
      rest = beyond(rest, part)
      level = Math.min(level + 1, bits.length - 1)
      continue
    }
    if (level === 0) throw new Error(`Block ${block} holds more entries than it is wide.`)
    const nearest = await findNearest(part, level)
    // Whatever is nearer has no hit.
    if (nearest === undefined) rest = beyond(rest, part)
    else if (backwards) rest = { from: rest.from, until: nearest.until }
    else rest = { from: nearest.from, until: rest.until }
    level = 0
  }
  return found
}

const countBlocks = ({ first, last }: Blocks): number => Math.abs(last - first) + 1
