import { expect, test } from 'vitest'
import { formatBytes, formatCount, formatEntries } from './figures.ts'

test('of one there is one, of none or more there are several', () => {
  expect([0, 1, 1_234].map(formatEntries)).toEqual(['0 entries', '1 entry', '1,234 entries'])
  expect(formatCount(2, 'fault')).toBe('2 faults')
})

test('bytes are told in the unit that fits', () => {
  expect([0, 999, 1_400, 123_456_789, 2.5e12].map(formatBytes)).toEqual([
    ...['0 bytes', '999 bytes', '1.4 KB', '123 MB', '2.5 TB'],
  ])
})
