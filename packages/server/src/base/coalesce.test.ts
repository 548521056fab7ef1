import { expect, test } from 'vitest'
import { coalesce } from './coalesce.ts'

/** Work that ends when it is told to; each call gives its number. */
function createWork() {
  const ends: ((error?: Error) => void)[] = []
  const work = () => {
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    const number = ends.length
    ends.push((error) => (error === undefined ? resolve(number) : reject(error)))
    return promise
  }
  return { ends, work }
}
const settled = () => new Promise((resolve) => setImmediate(resolve))

test('who asks while an answer is on its way gets the next one, together with all others', async () => {
  const { ends, work } = createWork()
  const ask = coalesce(work)
  const first = ask()
  const others = [ask(), ask(), ask()]
  await settled()
  expect(ends).toHaveLength(1)
  ends[0]?.()
  expect(await first).toBe(0)
  await settled()
  expect(ends).toHaveLength(2)
  ends[1]?.()
  expect(await Promise.all(others)).toEqual([1, 1, 1])
  void ask()
  expect(ends).toHaveLength(3)
})

test('a failure is told to those who asked for it, and the next are asked anew', async () => {
  const { ends, work } = createWork()
  const ask = coalesce(work)
  const first = ask()
  const second = ask()
  ends[0]?.(new Error('out of reach'))
  await expect(first).rejects.toThrow('out of reach')
  await settled()
  ends[1]?.()
  expect(await second).toBe(1)
})
