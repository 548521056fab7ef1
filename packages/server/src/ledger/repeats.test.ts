import { limits } from '@indelible/protocol'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createRepeats, type Tally } from './repeats.ts'

let now: number
let kept: string[]
/** Awaited by every keeping. */
let disk: Promise<void>
let repeats: ReturnType<typeof createRepeats<string>>
beforeEach(() => {
  now = 0
  kept = []
  disk = Promise.resolve()
  repeats = createRepeats({
    now: () => now,
    async keep(act, { count }) {
      await disk
      kept.push(`${act}: ${count}`)
    },
    onFault: (error) => {
      throw error
    },
  })
})
afterEach(() => repeats[Symbol.asyncDispose]())

async function passMinute() {
  now += limits.repeatsWindowMs
  await repeats.flush()
}

test('the first is kept at once, its repeats as one entry a minute, and a quiet minute ends it', async () => {
  for (const act of ['a', 'b', 'a', 'a']) await repeats.note(act, act)
  expect(kept).toEqual(['a: 1', 'b: 1'])
  await repeats.flush()
  expect(kept).toHaveLength(2)
  await passMinute()
  expect(kept.slice(2)).toEqual(['a: 2'])
  await repeats.note('a', 'a')
  expect(kept).toHaveLength(3)
  await passMinute()
  expect(kept.slice(3)).toEqual(['a: 1'])
  await passMinute()
  expect(repeats.size).toBe(0)
  await repeats.note('a', 'a')
  expect(kept.slice(4)).toEqual(['a: 1'])
})

test('a repeat is not on record before the first is, and fails with it', async () => {
  const { promise, reject } = Promise.withResolvers<void>()
  disk = promise
  const notes = [repeats.note('a', 'a'), repeats.note('a', 'a')]
  reject(new Error('the disk is gone'))
  const settled = await Promise.allSettled(notes)
  expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  disk = Promise.resolve()
  await repeats.note('a', 'a')
  expect(kept).toEqual(['a: 1'])
})

test('counts that could not be kept are kept later, and the last of them at the end', async () => {
  for (let n = 0; n < 4; n++) await repeats.note('a', 'a')
  disk = Promise.reject(new Error('the disk is gone'))
  await expect(passMinute()).rejects.toThrow('the disk is gone')
  disk = Promise.resolve()
  await repeats.note('a', 'a')
  await repeats[Symbol.asyncDispose]()
  expect(kept).toEqual(['a: 1', 'a: 4'])
})

test('an entry of repeats tells them apart by their details, as far as there is room', async () => {
  const told: Tally[] = []
  await using apart = createRepeats<string>({
    now: () => now,
    keep: async (_, tally) => void told.push(tally),
    onFault: (error) => {
      throw error
    },
  })
  for (const detail of ['x', 'y', 'y']) await apart.note('a', 'a', detail)
  for (let n = 0; n < 100; n++) await apart.note('a', 'a', `more ${n}`)
  now += limits.repeatsWindowMs
  await apart.flush()
  const [first, rest] = told
  expect(first).toEqual({ count: 1, details: new Map() })
  expect(rest?.count).toBe(102)
  expect(rest?.details.get('y')).toBe(2)
  expect(rest?.details.size).toBe(20)
})
