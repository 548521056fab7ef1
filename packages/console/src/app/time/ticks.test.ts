import { expect, test } from 'vitest'
import { formatTicks } from './ticks.ts'

const start = Date.UTC(2026, 10, 20, 23, 0, 0) / 1_000
const ticks = (step: number, count: number) => {
  const times = Array.from({ length: count }, (_, place) => start + place * step)
  const to = start + count * step
  return formatTicks(times, { utc: true, step, from: start, to, width: count * 90 })
}

test.each([
  ['seconds, where counts are by the minute', 5, ['23:00', '', '']],
  ['minutes, and the day where one begins', 1_800, ['23:00', '23:30', '11-21']],
  ['days', 86_400, ['2026-11-20', '2026-11-21', '2026-11-22']],
  ['months', 30 * 86_400, ['2026-11', '2026-12', '2027-01']],
])('no two neighbours on the axis read the same: %s', (_, step, texts) => {
  expect(ticks(step, 3)).toEqual(texts)
})

test('a text that would be cut off at the end of the axis is left out', () => {
  const axis = { utc: true, step: 60, from: start, to: start + 180, width: 270 }
  expect(formatTicks([start + 120, start + 180], axis)).toEqual(['23:02', ''])
})
