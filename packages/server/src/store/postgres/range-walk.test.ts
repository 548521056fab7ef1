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
      }),
      async (hits, [a, b], backwards, wanted, bounds) => {
        const range = { from: Math.min(a, b), until: Math.max(a, b) }
        const bits = [2, 4, 7]
        const nearest = (indexes: readonly number[], { from, until }: Range) =>
          indexes
            .filter((index) => index >= from && index < until)
            .sort((x, y) => (backwards ? y - x : x - y))
        const found = await walkRanges(
          {
            ...{ bits, backwards, ...bounds },
            scan: async (part, limit) => nearest(hits, part).slice(0, limit),
            probe: async (level, block, limit) => {
              const width = 2 ** (bits[level] ?? 0)
              return hits.filter((index) => Math.floor(index / width) === block).slice(0, limit)
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

test('a fact that every entry carries takes one look at the near end, a rare one a few lookups', async () => {
  const size = 5_000_000
  let lookups = 0
  const walk = (isHit: (index: number) => boolean) => {
    lookups = 0
    return walkRanges(
      {
        ...{ bits: [12, 17, 22], nearEntries: 512, hitsMax: 2_048, backwards: true },
        scan: async ({ from, until }, limit) => {
          lookups++
          const near = Array.from({ length: until - from }, (_, n) => until - 1 - n)
          return near.filter(isHit).slice(0, limit)
        },
        probe: async (level, block, limit) => {
          lookups++
          const width = 2 ** ([12, 17, 22][level] ?? 0)
          const found: number[] = []
          for (let n = block * width; n < (block + 1) * width && n < size; n++) {
            if (isHit(n)) found.push(n)
            if (found.length === limit) break
          }
          return found
        },
      },
      { from: 0, until: size },
      100,
    )
  }
  expect(await walk(() => true)).toHaveLength(100)
  expect(lookups).toBe(1)
  expect(await walk((index) => index === 7)).toEqual([7])
  expect(lookups).toBeLessThan(8)
  expect(await walk((index) => index < 1_000_000)).toHaveLength(100)
  expect(lookups).toBeLessThan(60)
})
