import { expect, test } from 'vitest'
import { describeRange, presets, rangeAround, rangeBetween, resolveInstant } from './range.ts'

const now = Date.UTC(2026, 10, 20, 20, 11)

test('instants are those of the grammar', () => {
  expect(resolveInstant('now', now)).toBe(now)
  expect(resolveInstant('now-90m', now)).toBe(now - 5_400_000)
  expect(resolveInstant('2026-11', now)).toBe(Date.UTC(2026, 10, 1))
  expect(resolveInstant('2026-11-01T10:00:00+01:00', now)).toBe(Date.UTC(2026, 10, 1, 9))
  expect(resolveInstant('yesterday', now)).toBeUndefined()
})

test('every preset is a range that the service understands', () => {
  for (const { since } of presets) {
    if (since !== undefined) expect(resolveInstant(since, now)).toBeLessThan(now)
  }
})

test('a brushed range is widened to whole seconds, never narrowed', () => {
  expect(rangeBetween(now + 400, now + 1_200)).toEqual({
    since: '2026-11-20T20:11:00Z',
    until: '2026-11-20T20:11:02Z',
  })
  expect(rangeAround('2026-11-20T20:11:00.500Z', 60_000)).toEqual({
    since: '2026-11-20T20:10:00Z',
    until: '2026-11-20T20:12:01Z',
  })
})

test('a range is described by its preset, or by its ends', () => {
  const say = (at: number) => new Date(at).toISOString().slice(0, 10)
  expect(describeRange({}, say)).toBe('All time')
  expect(describeRange({ since: 'now-1h' }, say)).toBe('Last hour')
  expect(describeRange({ since: '2026-11-01' }, say)).toBe('Since 2026-11-01')
  expect(describeRange({ until: 'now-3h' }, say)).toBe('Until now-3h')
  expect(describeRange({ since: '2026-11-01', until: '2026-12' }, say)).toBe(
    '2026-11-01 – 2026-12-01',
  )
})
