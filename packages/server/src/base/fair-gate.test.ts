import { expect, test } from 'vitest'
import { createFairGate } from './fair-gate.ts'

const refuse = () => new Error('too many')

test('who asks once waits for those that run, and for nobody’s thousand others (D-10)', async () => {
  const enter = createFairGate({ runningMax: 2, waiting: { max: 1_000, refuse } })
  const done: string[] = []
  const ask = (whose: string) =>
    enter(whose, async () => {
      await new Promise((resolve) => setImmediate(resolve))
      done.push(whose)
    })
  const noisy = Array.from({ length: 1_000 }, () => ask('noisy'))
  await Promise.all([ask('quiet'), ask('other')])
  expect(done.length).toBeLessThan(8)
  await Promise.all(noisy)
  expect(done).toHaveLength(1_002)
})

test('no more run than may, those of one in order, and a failure hands its place on', async () => {
  const enter = createFairGate({ runningMax: 3, waiting: { max: 1_000, refuse } })
  const order: number[] = []
  let running = 0
  let most = 0
  const work = Array.from({ length: 50 }, (_, n) =>
    enter('a', async () => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setImmediate(resolve))
      running--
      order.push(n)
      if (n % 7 === 0) throw new Error('fails')
    }),
  )
  const settled = await Promise.allSettled(work)
  expect(settled.filter(({ status }) => status === 'rejected')).toHaveLength(8)
  expect([most, running]).toEqual([3, 0])
  expect(order).toEqual(order.toSorted((a, b) => a - b))
})

test('of one there wait no more than may; others may still', async () => {
  const enter = createFairGate({ runningMax: 1, waiting: { max: 2, refuse } })
  const { promise, resolve } = Promise.withResolvers<void>()
  const held = ['a', 'a', 'a'].map((whose) => enter(whose, () => promise))
  await expect(enter('a', async () => 1)).rejects.toThrow('too many')
  const other = enter('b', async () => 2)
  resolve()
  await Promise.all(held)
  expect(await other).toBe(2)
})
