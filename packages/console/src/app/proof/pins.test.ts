import { expect, test } from 'vitest'
import { createPins, extendHistory, type Pin, PinUnreadable, type SeenCheckpoint } from './pins.ts'

const hourMs = 3_600_000
const seenAt = (size: number, unixMs: number): SeenCheckpoint => ({
  ...{ size, root: 'ab', at: new Date(unixMs).toISOString() },
})
const pin: Pin = {
  ...{ tenant: 'default', origin: 'o', vkey: 'v', cosigner: 'c' },
  pinned: '2026-11-20T08:00:00.000Z',
}

function createStorage() {
  const kept = new Map<string, string>()
  return {
    kept,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  }
}

test('only a larger log is news', () => {
  const history = extendHistory([], seenAt(7, 0))
  expect(extendHistory(history, seenAt(7, hourMs))).toBe(history)
  expect(extendHistory(history, seenAt(6, hourMs))).toBe(history)
  expect(extendHistory(history, seenAt(8, hourMs)).map(({ size }) => size)).toEqual([7, 8])
})

test('however long it is watched, what is remembered is bounded, reaches back to the first, and ends at the newest', () => {
  let history: readonly SeenCheckpoint[] = []
  for (let n = 0; n < 1_000; n++) history = extendHistory(history, seenAt(n, n * hourMs))
  expect(history).toHaveLength(50)
  expect([history[0]?.size, history.at(-1)?.size]).toEqual([0, 999])
  const sizes = history.map(({ size }) => size)
  expect(sizes).toEqual(sizes.toSorted((one, other) => one - other))
  const gaps = sizes.slice(1).map((size, n) => size - (sizes[n] ?? 0))
  expect(Math.max(...gaps)).toBeLessThan(100)
})

test('a history that can not be read costs nothing but itself; a pin that can not be read is told', () => {
  const storage = createStorage()
  const pins = createPins(storage)
  pins.write({ ...pin, history: [seenAt(1, 0)] })
  const [[key, text] = ['', '']] = storage.kept
  for (const history of ['5', '[null, {"size":"1"}]', '{}']) {
    storage.setItem(key, text.replace(/"history":\[.*\]/, `"history":${history}`))
    expect(pins.read('default')).toEqual({ ...pin, history: [] })
  }
  storage.setItem(key, '{}')
  expect(() => pins.read('default')).toThrow(PinUnreadable)
})
