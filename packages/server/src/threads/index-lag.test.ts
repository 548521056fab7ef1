import { beforeEach, expect, test } from 'vitest'
import { createIndexLag } from './index-lag.ts'

let nowMs: number
let lag: ReturnType<typeof createIndexLag>
beforeEach(() => {
  nowMs = 0
  lag = createIndexLag({ now: () => nowMs })
})

/** Appends, one after the other, each a second after the one before. */
function append(...counts: number[]) {
  for (const count of counts) {
    lag.appended(count)
    nowMs += 1_000
  }
}

test('the lag is the age of the oldest entry that is not indexed, and none where all are', () => {
  expect(lag.ageMs).toBe(0)
  append(10, 10, 10)
  expect([lag.entries, lag.ageMs]).toEqual([30, 3_000])
  lag.indexed(10)
  expect([lag.entries, lag.ageMs]).toEqual([20, 2_000])
  lag.indexed(19)
  expect([lag.entries, lag.ageMs]).toEqual([1, 1_000])
  lag.indexed(1)
  expect([lag.entries, lag.ageMs]).toEqual([0, 0])
})

test('an indexer that tells of entries before their append is answered leaves no lag behind', () => {
  lag.indexed(5)
  append(5)
  expect([lag.entries, lag.ageMs]).toEqual([0, 0])
  append(1)
  expect([lag.entries, lag.ageMs]).toEqual([1, 1_000])
})
