import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseTilePath, partialWidth, tilePath } from './tile.ts'

const refusal = expect.objectContaining({ name: 'VerificationError', code: 'tile-malformed' })

test.each([
  [0, 1_234_067, 256, 'tile/0/x001/x234/067'],
  [0, 999, 256, 'tile/0/999'],
  [0, 1_000, 256, 'tile/0/x001/000'],
  [2, 0, 1, 'tile/2/000.p/1'],
  [63, 0, 255, 'tile/63/000.p/255'],
  ['entries', 273, 112, 'tile/entries/273.p/112'],
  ['entries', 0, 256, 'tile/entries/000'],
] as const)('tile %s %d of width %d is at %s', (level, index, width, path) => {
  expect(tilePath(level, index, width)).toBe(path)
  expect(parseTilePath(path)).toEqual({ level, index, width })
})

test('every tile has one path', () => {
  const level = fc.oneof(fc.integer({ min: 0, max: 63 }), fc.constant('entries' as const))
  const index = fc.maxSafeInteger().map(Math.abs)
  fc.assert(
    fc.property(level, index, fc.integer({ min: 1, max: 256 }), (atLevel, at, width) => {
      const path = tilePath(atLevel, at, width)
      expect(parseTilePath(path)).toEqual({ level: atLevel, index: at, width })
    }),
  )
})

test.each([
  '',
  'tile/0/0',
  'tile/0/00',
  'tile/0/0000',
  'tile/0/x000/001',
  'tile/0/001/002',
  'tile/0/x001',
  'tile/00/000',
  'tile/64/000',
  'tile/-1/000',
  'tile/Entries/000',
  'tile/0/000.p/0',
  'tile/0/000.p/256',
  'tile/0/000.p/01',
  'tile/0/000.p/',
  'tile/0/000/',
  '/tile/0/000',
  'tile/0/../000',
  'tile/0/000\n',
  'tile/0/x999/x999/x999/x999/x999/999',
  'tile/0/x001/x000/x000/x000/x000/x000/000',
])('the path %j is refused', (path) => {
  expect(() => parseTilePath(path)).toThrow(refusal)
})

test('a tile that cannot be has no path', () => {
  for (const [level, index, width] of [
    ...[
      [-1, 0, 1],
      [64, 0, 1],
      [0.5, 0, 1],
      [0, -1, 1],
      [0, 2 ** 53, 1],
    ],
    ...[
      [0, 0, 0],
      [0, 0, 257],
      [0, 0, 1.5],
    ],
  ] as [number, number, number][]) {
    expect(() => tilePath(level, index, width)).toThrow(refusal)
  }
})

test('partial tiles have the widths of the specification', () => {
  expect([0, 1, 2, 3].map((level) => partialWidth(70_000, level))).toEqual([112, 17, 1, 0])
  expect([0, 1, 2].map((level) => partialWidth(256, level))).toEqual([0, 1, 0])
  expect(partialWidth(0, 0)).toBe(0)
})

test('widths and full tiles add up to the size, whatever the size', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger().map(Math.abs), (size) => {
      let sum = 0n
      for (let level = 0; level <= 63; level += 1) {
        sum += BigInt(partialWidth(size, level)) << BigInt(8 * level)
      }
      expect(sum).toBe(BigInt(size))
    }),
  )
})
