import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mergeLive } from './merge-live.ts'

const log = (tenant: string, from: number, count: number) =>
  Array.from({ length: count }, (_, n) => ({
    ...{ tenant, index: from - n, received: new Date(1e12 + (from - n) * 10).toISOString() },
  }))

test('what came live and what was found are one list, newest first, each entry once', () => {
  fc.assert(
    fc.property(fc.nat(40), fc.nat(40), fc.nat(40), (newest, livelong, foundlong) => {
      const live = log('a', 100 + newest, livelong)
      const found = log('a', 100, foundlong + 1)
      const indexes = mergeLive(live, found).map(({ index }) => index)
      expect(indexes).toEqual([...new Set(indexes)].sort((one, other) => other - one))
      expect(indexes.slice(-found.length)).toEqual(found.map(({ index }) => index))
      for (const { index } of live)
        expect(indexes.includes(index) || index < 100 - foundlong).toBe(true)
    }),
  )
})

test('what a search anew does not reach back to waits for its next page', () => {
  const merged = mergeLive(log('a', 50, 10), log('a', 300, 100))
  expect(merged.map(({ index }) => index)).toEqual(log('a', 300, 100).map(({ index }) => index))
  expect(mergeLive(log('a', 50, 10), [])).toHaveLength(10)
})

test('over several logs the time received decides', () => {
  const merged = mergeLive(log('b', 7, 3), [...log('a', 8, 1), ...log('a', 6, 2)])
  expect(merged.map(({ tenant, index }) => `${tenant}${index}`)).toEqual([
    'a8',
    'b7',
    'b6',
    'a6',
    'b5',
    'a5',
  ])
})
