import { expect, test, vi } from 'vitest'
import { formatAgo, formatInstant, formatOffset, formatTime } from './format.ts'

const at = Date.UTC(2026, 10, 20, 20, 11, 0, 123)

test('an instant reads the same way for everybody, in UTC to the millisecond where asked', () => {
  expect(formatInstant(at, { utc: true })).toBe('2026-11-20 20:11:00')
  expect(formatInstant(at, { utc: true, milliseconds: true })).toBe('2026-11-20 20:11:00.123')
  expect(Date.parse(`${formatInstant(at, { utc: false })}.123`)).toBe(at)
  expect(formatTime('no time', 'utc', at)).toBe('no time')
})

test.each([
  [0, 'now'],
  [42_000, '42 s ago'],
  [119_000, '1 m ago'],
  [7_200_000, '2 h ago'],
  [86_400_000 * 30, '30 d ago'],
  [86_400_000 * 800, '2 y ago'],
  [-61_000, 'in 1 m'],
])('%i ms back is %j', (ms, text) => {
  expect(formatAgo(at - ms, at)).toBe(text)
})

test.each([
  ['UTC', 'UTC'],
  ['Asia/Kolkata', 'UTC+05:30'],
  ['America/St_Johns', 'UTC-03:30'],
])('the offset of %s reads %s', (zone, text) => {
  vi.stubEnv('TZ', zone)
  expect(formatOffset(at)).toBe(text)
  vi.unstubAllEnvs()
})
