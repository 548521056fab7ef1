import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Remote } from './port.ts'
import type { ReaderCalls } from './reader.ts'
import { createReaderPool } from './reader-pool.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Threads that answer with their number until they are killed, as those of port.ts do. */
function createThreads() {
  const kills: (() => void)[] = []
  const stopped: number[] = []
  const start = (onDeath: () => void): Remote<ReaderCalls> => {
    const number = kills.length
    let isDead = false
    const answer = async () => {
      if (isDead) throw new Error('out of memory')
      return number
    }
    kills.push(() => {
      isDead = true
      onDeath()
    })
    const calls = { listLogs: answer, close: answer } as unknown as ReaderCalls // all that is called
    return { calls, stop: async () => void stopped.push(number) }
  }
  return { start, stopped, kill: (number: number) => kills[number]?.() }
}

test('a second thread starts when the first is busy, not before', async () => {
  const threads = createThreads()
  const { calls, close } = createReaderPool({ count: 2, start: threads.start })
  expect([await calls.listLogs(), await calls.listLogs()]).toEqual([0, 0])
  expect(await Promise.all([calls.listLogs(), calls.listLogs()])).toEqual([0, 1])
  await close()
  expect(threads.stopped).toEqual([0, 1])
})

test('reads go on while a thread is dead, and another takes its place', async () => {
  const threads = createThreads()
  const { calls, close } = createReaderPool({ count: 2, start: threads.start })
  threads.kill(0)
  for (let n = 0; n < 4; n++) expect(await calls.listLogs()).toBe(1)
  vi.runAllTimers()
  const both = await Promise.all([calls.listLogs(), calls.listLogs()])
  expect(both).toEqual(expect.arrayContaining([1, 2]))
  await close()
  expect(threads.stopped.toSorted()).toEqual([1, 2])
})

test('with no thread left a read is refused with the time to come back', async () => {
  const threads = createThreads()
  const { calls, close } = createReaderPool({ count: 1, start: threads.start })
  threads.kill(0)
  await expect(calls.listLogs()).rejects.toMatchObject({
    code: 'store-unavailable',
    retryAfterS: 1,
  })
  await close()
  vi.runAllTimers()
  expect(threads.stopped).toEqual([])
})
