import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatHex } from './bytes.ts'
import { sha256 } from './sha256.ts'

const reference = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

test('every length of a message up to five blocks hashes as FIPS 180-4 says', () => {
  for (let length = 0; length <= 300; length += 1) {
    const message = Uint8Array.from({ length }, (_, at) => (at * 167 + length) & 0xff)
    expect(formatHex(sha256(message)), `length ${length}`).toBe(reference(message))
  }
})

test('any message hashes as FIPS 180-4 says', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5_000 }), (message) => {
      expect(formatHex(sha256(message))).toBe(reference(message))
    }),
  )
})

test('a view into a larger buffer is hashed alone', () => {
  const whole = Uint8Array.from({ length: 400 }, (_, at) => at & 0xff)
  const view = whole.subarray(33, 333)
  expect(formatHex(sha256(view))).toBe(reference(view))
})
