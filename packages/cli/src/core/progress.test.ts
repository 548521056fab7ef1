import { expect, test } from 'vitest'
import { formatDuration, formatProgress } from './progress.ts'

test('progress says how much is done, how fast, and how long it will take', () => {
  const facts = { label: 'import', unit: 'events', done: 50, items: 2_000, total: 200 }
  expect(formatProgress({ ...facts, elapsedMs: 1_000 })).toBe(
    'import: 25 % · 2,000 events · 2,000/s · 3 s left',
  )
})

test('where the total is unknown, no time left is made up', () => {
  const facts = { label: 'export', unit: 'lines', done: 50, items: 50, total: undefined }
  expect(formatProgress({ ...facts, elapsedMs: 500 })).toBe('export: 50 lines · 100/s')
})

test('durations are told in the unit that fits', () => {
  expect([5, 90, 4_210].map(formatDuration)).toEqual(['5 s', '2 min', '1 h 10 min'])
})
