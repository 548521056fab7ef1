import type { onRequestHookHandler } from 'fastify'
import { expect, test } from 'vitest'
import { Refusal } from '../../../base/refusal.ts'
import { createPatience } from './patience.ts'

const pushback = new Refusal('pushback', { detail: 'full' })
const tooMany = new Refusal('rate-exceeded', { detail: 'too many', retryAfterS: 2 })

function openPatience() {
  const pauses: number[] = []
  const patience = createPatience(async (ms) => pauses.push(ms))
  return { ...patience, pauses, waited: () => pauses.reduce((sum, ms) => sum + ms, 0) }
}

test('waits while more is to be written than may wait, for five seconds at most', async () => {
  const { persist, pauses, waited } = openPatience()
  let attempts = 0
  const answer = await persist(async () => {
    if (++attempts < 4) throw pushback
    return 'kept'
  })
  expect([answer, pauses.length]).toEqual(['kept', 3])
  await expect(persist(() => Promise.reject(pushback))).rejects.toBe(pushback)
  expect(waited()).toBe(3 * 250 + 5_000)
})

test('does not wait for what waiting does not mend', async () => {
  const { persist, pauses } = openPatience()
  await expect(persist(() => Promise.reject(tooMany))).rejects.toBe(tooMany)
  expect(pauses).toEqual([])
})

test('no more than 128 requests wait at once', async () => {
  let asked = 0
  const { promise, resolve } = Promise.withResolvers<void>()
  const { persist } = createPatience(() => {
    asked++
    return promise
  })
  let isOver = false
  const attempt = async () => {
    if (!isOver) throw pushback
  }
  const requests = Array.from({ length: 128 }, () => persist(attempt))
  await expect.poll(() => asked).toBe(128)
  await expect(persist(attempt)).rejects.toBe(pushback)
  isOver = true
  resolve()
  await Promise.all(requests)
})

test('a key that may make no more requests now is asked for again, for five seconds at most', async () => {
  const { soften, pauses } = openPatience()
  const run = (refusals: number) => {
    let left = refusals
    const authenticate = ((_request, _reply, done) => {
      done(left-- > 0 ? tooMany : undefined)
    }) as onRequestHookHandler
    const { promise, resolve } = Promise.withResolvers<Error | undefined>()
    // What it is called with it only passes on.
    Reflect.apply(soften(authenticate), undefined, [{}, {}, resolve])
    return promise
  }
  expect(await run(2)).toBeUndefined()
  expect(pauses).toEqual([2_000, 2_000])
  expect(await run(3)).toBe(tooMany)
})
