import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  concatBytes,
  equalBytes,
  formatBase64,
  formatHex,
  parseBase64,
  parseDecimal,
  parseHex,
} from './bytes.ts'

test('base64 and hexadecimal are written as everybody writes them, and read back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(formatBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'))
      expect(formatHex(bytes)).toBe(Buffer.from(bytes).toString('hex'))
      expect(parseBase64(formatBase64(bytes))).toEqual(bytes)
      expect(parseHex(formatHex(bytes))).toEqual(bytes)
    }),
  )
})

test('a text that is base64 has no second text for the same bytes', () => {
  const base64 = fc.string({ unit: fc.constantFrom(...'AQgw/+=-_ \n'), maxLength: 12 })
  fc.assert(
    fc.property(base64, (text) => {
      const bytes = parseBase64(text)
      if (bytes !== undefined) expect(formatBase64(bytes)).toBe(text)
    }),
    { numRuns: 2_000 },
  )
})

test.each(['A', 'AA', 'AAA', 'AA=', 'A===', 'AB==', 'AAB=', 'AA==AA==', 'AA-_', ' AAAA', 'AAAA\n'])(
  'base64 %j is refused',
  (text) => {
    expect(parseBase64(text)).toBeUndefined()
  },
)

test.each(['0', 'AB', 'a', 'zz', '0x', ' 0', '00\n'])('hexadecimal %j is refused', (text) => {
  expect(parseHex(text)).toBeUndefined()
})

test('decimals are read up to 2^53 − 1 and in one writing only', () => {
  expect(parseDecimal('0')).toBe(0)
  expect(parseDecimal('9007199254740991')).toBe(Number.MAX_SAFE_INTEGER)
  for (const text of ['', '00', '01', '+1', '-0', '1.0', '1e3', ' 1', '1\n', '9007199254740992']) {
    expect(parseDecimal(text), JSON.stringify(text)).toBeUndefined()
  }
})

test('bytes are equal only if all of them are', () => {
  expect(equalBytes(Uint8Array.of(1, 2), concatBytes(Uint8Array.of(1), Uint8Array.of(2)))).toBe(
    true,
  )
  expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false)
  expect(equalBytes(Uint8Array.of(1), Uint8Array.of(1, 0))).toBe(false)
})
