import { expect, test } from 'vitest'
import { createGate } from './gate.ts'

test('no more work runs at a time than may, all of it in order, also where some fails', async () => {
  const gate = createGate(3)
  let running = 0
  let most = 0
  const started: number[] = []
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, (_, n) =>
      gate(async () => {
        started.push(n)
        most = Math.max(most, ++running)
        await new Promise((resolve) => setImmediate(resolve))
        running--
        if (n % 4 === 0) throw new Error('failed')
        return n
      }),
    ),
  )
  expect(most).toBe(3)
  expect(started).toEqual(Array.from({ length: 20 }, (_, n) => n))
  expect(results.filter(({ status }) => status === 'rejected').length).toBe(5)
  expect(await gate(async () => 'again')).toBe('again')
})
