import { expect, test } from 'vitest'
import { leafOf, naiveRoot } from '../test/reference.ts'
import { encodeUtf8 } from './bytes.ts'
import { Frontier } from './frontier.ts'
import { emptyRoot, hashBytes } from './tree.ts'

const leaves = Array.from({ length: 130 }, (_, at) => leafOf(encodeUtf8(`leaf ${at}`)))

function grow(size: number): Frontier {
  const frontier = new Frontier()
  for (const leaf of leaves.slice(0, size)) frontier.append(leaf)
  return frontier
}

test('a frontier has the root of the naive tree at every size', () => {
  const frontier = new Frontier()
  expect(frontier.root()).toEqual(emptyRoot())
  for (const [at, leaf] of leaves.entries()) {
    frontier.append(leaf)
    expect(frontier.size).toBe(at + 1)
    expect(frontier.root()).toEqual(naiveRoot(leaves.slice(0, at + 1)))
  }
})

test('a frontier restored from any edge grows to the same root', () => {
  for (let size = 0; size <= leaves.length; size += 1) {
    const restored = Frontier.from(size, grow(size).edge())
    for (const leaf of leaves.slice(size)) restored.append(leaf)
    expect(restored.root()).toEqual(naiveRoot(leaves))
  }
})

test('the edge holds one subtree for each bit of the size, largest first', () => {
  const edge = grow(100).edge()
  const spans = [
    [0, 64],
    [64, 96],
    [96, 100],
  ] as const
  expect(edge.length).toBe(spans.length * hashBytes)
  for (const [at, [from, to]] of spans.entries()) {
    const hash = edge.slice(at * hashBytes, (at + 1) * hashBytes)
    expect(hash).toEqual(naiveRoot(leaves.slice(from, to)))
  }
})

test('every perfect subtree is told of once, with its place', () => {
  const frontier = new Frontier()
  const told = new Set<string>()
  for (const leaf of leaves) {
    frontier.append(leaf, (height, index, hash) => {
      const from = index * 2 ** height
      expect(hash).toEqual(naiveRoot(leaves.slice(from, from + 2 ** height)))
      told.add(`${height}/${index}`)
    })
  }
  expect(told.size).toBe(65 + 32 + 16 + 8 + 4 + 2 + 1)
})

test('an edge that is not of its size is refused, and so is what is no hash', () => {
  const edge = grow(7).edge()
  for (const size of [-1, 0, 1.5, 3, 8, 2 ** 53, Number.NaN]) {
    expect(() => Frontier.from(size, edge)).toThrow(
      expect.objectContaining({ code: 'tree-malformed' }),
    )
  }
  expect(() => Frontier.from(7, edge.slice(1))).toThrow(/edge/)
  expect(() => new Frontier().append(new Uint8Array(31))).toThrow(/32 bytes/)
  const full = Frontier.from(Number.MAX_SAFE_INTEGER, new Uint8Array(53 * hashBytes))
  expect(() => full.append(new Uint8Array(32))).toThrow(/full/)
})

test('what is done with an edge does not change the frontier it came from', () => {
  const frontier = grow(5)
  const before = frontier.root()
  const edge = frontier.edge()
  const restored = Frontier.from(5, edge)
  edge.fill(0)
  expect(frontier.root()).toEqual(before)
  expect(restored.root()).toEqual(before)
})
