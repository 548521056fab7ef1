import { expect, test } from 'vitest'
import { alignSpan, bucketEnd, intervalFor, occupiedSpan, readBuckets } from './buckets.ts'

const hour = 3_600_000
const start = Date.UTC(2026, 10, 20, 20, 11)

test.each([
  [hour, 'minute'],
  [24 * hour, 'hour'],
  [7 * 24 * hour, 'hour'],
  [30 * 24 * hour, 'day'],
  [400 * 24 * hour, 'month'],
])('a span of %i ms is counted by the %s', (length, interval) => {
  expect(intervalFor({ since: start, until: start + length })).toBe(interval)
})

test('a span is widened to whole buckets, so that the index can count them', () => {
  expect(alignSpan({ since: start, until: start + hour }, 'hour')).toEqual({
    since: Date.UTC(2026, 10, 20, 20),
    until: Date.UTC(2026, 10, 20, 22),
  })
  const whole = { since: Date.UTC(2026, 10, 1), until: Date.UTC(2026, 11, 1) }
  expect(alignSpan(whole, 'month')).toEqual(whole)
  expect(bucketEnd(Date.UTC(2026, 11, 1), 'month')).toBe(Date.UTC(2027, 0, 1))
})

test('what failed or was denied is told apart, and the occupied span has no empty ends', () => {
  const buckets = readBuckets({
    interval: 'day',
    complete: true,
    buckets: [
      { time: '2026-11-01T00:00:00.000Z', count: 0 },
      { time: '2026-11-02T00:00:00.000Z', count: 7, values: { success: 4, failure: 2, denied: 1 } },
      { time: '2026-11-03T00:00:00.000Z', count: 0 },
    ],
  })
  expect(buckets.map(({ refused }) => refused)).toEqual([0, 3, 0])
  expect(occupiedSpan(buckets)).toEqual({
    since: Date.UTC(2026, 10, 2),
    until: Date.UTC(2026, 10, 3),
  })
  expect(occupiedSpan([])).toBeUndefined()
})
