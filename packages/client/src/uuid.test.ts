import { expect, test } from 'vitest'
import { createUuidV7 } from './uuid.ts'

test('an id is a UUIDv7 of its millisecond, and never the same', () => {
  const ids = Array.from({ length: 1_000 }, (_, at) => createUuidV7(0x0192d3f41234 + (at >> 9)))
  expect(ids[0]).toMatch(/^0192d3f4-1234-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(ids[999]).toMatch(/^0192d3f4-1235-7/)
  expect(new Set(ids).size).toBe(1_000)
})
