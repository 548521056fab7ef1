import { expect, test } from 'vitest'
import { createBounded } from './bounded.ts'

/** Looks that end when the test says so; time stands still unless it is told to pass. */
function open() {
  let nowMs = 0
  const looks: PromiseWithResolvers<string>[] = []
  const read = createBounded({
    now: () => nowMs,
    waitMsMax: 1,
    look() {
      const look = Promise.withResolvers<string>()
      looks.push(look)
      return look.promise
    },
  })
  return {
    read,
    looks,
    pass: (ms: number) => {
      nowMs += ms
    },
  }
}

test('a store that does not answer is waited for no longer than is bearable, and asked once', async () => {
  const { read, looks, pass } = open()
  expect(await read()).toBeUndefined()
  pass(60_000)
  expect(await Promise.all([read(), read()])).toEqual([undefined, undefined])
  expect(looks).toHaveLength(1)
  looks[0]?.resolve('at last')
  expect(await read()).toBe('at last')
})

test('what was known stays known while the store is out of reach', async () => {
  const { read, looks, pass } = open()
  const first = read()
  looks[0]?.resolve('known')
  expect(await first).toBe('known')
  pass(5_000)
  const second = read()
  looks[1]?.reject(new Error('the store is out of reach'))
  expect(await second).toBe('known')
  pass(5_000)
  const third = read()
  looks[2]?.resolve('newer')
  expect(await third).toBe('newer')
})

test('who asks again and again costs the store one look a second', async () => {
  const { read, looks, pass } = open()
  const first = read()
  looks[0]?.resolve('known')
  await first
  for (let n = 0; n < 9; n++) {
    pass(100)
    expect(await read()).toBe('known')
  }
  expect(looks).toHaveLength(1)
})
