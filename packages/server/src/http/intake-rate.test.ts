import { expect, test } from 'vitest'
import { createIntakeRate } from './intake-rate.ts'

test('the rate is that of the last minute, whatever was before', () => {
  const at = { now: 0, count: 1_000 }
  using rate = createIntakeRate({ readCount: () => at.count, now: () => at.now })
  expect(rate.read()).toBe(0)
  for (let n = 0; n < 24; n++) {
    at.now += 5_000
    at.count += 50
    rate.sample()
  }
  expect(rate.read()).toBe(10)
  for (let n = 0; n < 12; n++) {
    at.now += 5_000
    rate.sample()
  }
  expect(rate.read()).toBe(0)
})

test('right after the start it is that since the start', () => {
  const at = { now: 0, count: 0 }
  using rate = createIntakeRate({ readCount: () => at.count, now: () => at.now })
  at.now = 2_000
  at.count = 30
  expect(rate.read()).toBe(15)
})
