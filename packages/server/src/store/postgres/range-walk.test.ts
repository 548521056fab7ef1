import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Range, walkRanges } from './range-walk.ts'

test('the walk finds just the nearest hits of the range, in order, whatever the ranges hold', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.nat(300), { maxLength: 120 }),
      fc.tuple(fc.nat(320), fc.nat(320)),
      fc.boolean(),
      fc.integer({ min: 1, max: 40 }),
      fc.record({
        nearEntries: fc.integer({ min: 1, max: 20 }),
        hitsMax: fc.integer({ min: 1, max: 9 }),
        locateBlocksMax: fc.integer({ min: 1, max: 12 }),
      }),
      async (hits, [a, b], backwards, wanted, bounds) => {
        const range = { from: Math.min(a, b), until: Math.max(a, b) }
        const bits = [2, 4, 7]
        const nearest = (indexes: readonly number[], { from, until }: Range) =>
          indexes
            .filter((index) => index >= from && index < until)
            .sort((x, y) => (backwards ? y - x : x - y))
        const inBlock = (level: number, block: number) =>
          hits.filter((index) => Math.floor(index / 2 ** (bits[level] ?? 0)) === block)
        const found = await walkRanges(
          {
            ...{ bits, backwards, nearEntries: bounds.nearEntries },
            locateBlocksMax: bounds.locateBlocksMax,
            scan: async (part, limit) => nearest(hits, part).slice(0, limit),
            probe: async (level, block, part, limit) => {
              const inside = inBlock(level, block)
              const most = level === 0 ? 4 : bounds.hitsMax
              return inside.length > most ? undefined : nearest(inside, part).slice(0, limit)
            },
            locate: async ({ level, first, last }) => {
              const blocks = Array.from(
                { length: Math.abs(last - first) + 1 },
                (_, n) => first + n * Math.sign(last - first),
              )
              return blocks.find((block) => inBlock(level, block).length > 0)
            },
          },
          range,
          wanted,
        )
        expect(found).toEqual(nearest(hits, range).slice(0, wanted))
      },
    ),
    { numRuns: 500 },
  )
})

test('a fact that every entry carries takes one look at the near end, others a few lookups', async () => {
  const size = 5_000_000
  const bits = [12, 17, 22]
  const hitsMax = 4_096
  let lookups = 0
  /** A log of which the entries from <= index < until carry the fact. */
  const walk = (hits: Range) => {
    lookups = 0
    const overlap = (a: Range): Range => ({
      from: Math.max(a.from, hits.from),
      until: Math.min(a.until, hits.until),
    })
    const newest = ({ from, until }: Range, limit: number) =>
      Array.from({ length: Math.max(0, Math.min(limit, until - from)) }, (_, n) => until - 1 - n)
    const blockRange = (level: number, block: number): Range => {
      const width = 2 ** (bits[level] ?? 0)
      return overlap({ from: block * width, until: (block + 1) * width })
    }
    return walkRanges(
      {
        ...{ bits, nearEntries: 512, locateBlocksMax: 64, backwards: true },
        async scan(range, limit) {
          lookups++
          return newest(overlap(range), limit)
        },
        async probe(level, block, part, limit) {
          lookups++
          const { from, until } = blockRange(level, block)
          return until - from > hitsMax ? undefined : newest(overlap(part), limit)
        },
        async locate({ level, first, last }) {
          lookups++
          for (let block = first; block >= last; block--) {
            const { from, until } = blockRange(level, block)
            if (from < until) return block
          }
          return undefined
        },
      },
      { from: 0, until: size },
      100,
    )
  }
  expect(await walk({ from: 0, until: size })).toHaveLength(100)
  expect(lookups).toBe(1)
  expect(await walk({ from: 7, until: 8 })).toEqual([7])
  expect(lookups).toBeLessThan(6)
  expect((await walk({ from: 0, until: 1_000_000 }))[0]).toBe(999_999)
  expect(lookups).toBeLessThan(12)
})
