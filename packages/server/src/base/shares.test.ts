import { expect, test } from 'vitest'
import { createShares } from './shares.ts'

test('nobody has more than a quarter, all together no more than there is, and what is given back is there', () => {
  const shares = createShares(8)
  const given = ['a', 'a', 'b', 'b', 'c', 'c'].map((holder) => shares.take(holder))
  expect(given.every((giveBack) => giveBack !== undefined)).toBe(true)
  expect(shares.take('a')).toBeUndefined()
  expect(shares.take('d', 2)).toBeDefined()
  expect(shares.take('e')).toBeUndefined()
  given[0]?.()
  expect(shares.take('d')).toBeUndefined()
  expect(shares.take('a')).toBeDefined()
})
