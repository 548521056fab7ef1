import { expect, test } from 'vitest'
import { parseExpiry } from './expiry.ts'

const now = Date.UTC(2026, 10, 20)

test('an end is any RFC 3339 time to come', () => {
  expect(parseExpiry('2027-01-01T00:00:00Z', now)).toBe(Date.UTC(2027, 0, 1))
  expect(parseExpiry('2027-01-01t02:00:00.5+02:00', now)).toBe(Date.UTC(2027, 0, 1) + 500)
  expect(parseExpiry('2028-02-29T00:00:00Z', now)).toBe(Date.UTC(2028, 1, 29))
})

test('what has passed, or is no such time, is a fault', () => {
  for (const text of [
    '2026-11-20T00:00:00Z',
    '2020-01-01T00:00:00Z',
    '2027-02-29T00:00:00Z',
    '2027-02-30T00:00:00Z',
    '2027-13-01T00:00:00Z',
    '2027-01-01T24:00:00Z',
    '2027-01-01T00:00:60Z',
    '2027-01-01 00:00:00Z',
    '2027-01-01T00:00:00',
    '2027-01-01T00:00:00+24:00',
    '2027-01-01',
    '+275760-09-13T00:00:00Z',
    '1800000000',
    'tomorrow',
    '',
  ]) {
    expect(parseExpiry(text, now)).toMatchObject({ pointer: '/expires' })
  }
})
