import { setImmediate } from 'node:timers/promises'
import { createRandom } from '@indelible/testkit'
import { expect, test } from 'vitest'
import { createLatencies } from './latencies.ts'
import { type Pacer, runClosedLoop, runOpenLoop } from './pace.ts'
import { createSchedule } from './schedule.ts'

const signal = new AbortController().signal

/** Time that goes on when everybody waits for it, and not before. */
function createVirtualTime(): Pacer & { run<Result>(work: Promise<Result>): Promise<Result> } {
  let nowMs = 0
  const waiting: { readonly at: number; readonly wake: () => void }[] = []
  return {
    now: () => nowMs,
    sleep: (ms) =>
      new Promise((wake) => {
        waiting.push({ at: nowMs + ms, wake })
        waiting.sort((one, other) => one.at - other.at)
      }),
    async run(work) {
      let isDone = false
      const finish = () => {
        isDone = true
      }
      work.then(finish, finish)
      for (;;) {
        await setImmediate()
        if (isDone) return work
        const next = waiting.shift()
        if (next === undefined) throw new Error('Everybody waits for nothing.')
        nowMs = next.at
        next.wake()
      }
    },
  }
}

/** Answers after 2 ms, but for the second in which it answers nobody. */
const createStallingService = (time: Pacer) => async (): Promise<boolean> => {
  const isStalled = time.now() >= 1_000 && time.now() < 2_000
  await time.sleep(isStalled ? 2_002 - time.now() : 2, signal)
  return true
}

const durationMs = 4_000
const connections = 10

test('a service that stalls for a second is charged for every request due in it, not for one a connection', async () => {
  const time = createVirtualTime()
  const latencies = createLatencies({ windowMs: 1_000 })
  const schedule = createSchedule({
    ...{ perSecond: 200, durationMs, arrival: 'constant', random: Math.random },
  })
  const pace = await time.run(
    runOpenLoop({
      ...{ schedule, connections, durationMs, latencies, signal, pacer: time, graceMs: 60_000 },
      submit: createStallingService(time),
    }),
  )
  expect(pace).toEqual({ requests: 800, endLatenessMs: 0, unsent: 0 })
  // A quarter of them was due while it stalled, and waited half a second in the mean.
  expect(latencies.total()).toMatchObject({ count: 800, p50: expect.closeTo(2, 1) })
  expect(latencies.total().p90).toBeGreaterThan(550)
  const [, stalled] = latencies.windows()
  expect(stalled).toMatchObject({ fromMs: 1_000, count: 200 })
  expect(stalled?.p50).toBeGreaterThan(490)
  expect(stalled?.max).toBeCloseTo(1_002, -1)
})

test('the same stall, measured in a closed loop, hides from the percentiles', async () => {
  const time = createVirtualTime()
  const latencies = createLatencies({ windowMs: durationMs })
  const { perSecond } = await time.run(
    runClosedLoop({
      ...{ connections, durationMs, warmUpMs: 0, latencies, signal, pacer: time },
      submit: createStallingService(time),
    }),
  )
  expect(perSecond).toBeGreaterThan(3_500)
  expect(latencies.total()).toMatchObject({ p99: expect.closeTo(2, 1) })
})

test('a service slower than the rate is given up after the grace, and what was never sent is told', async () => {
  const time = createVirtualTime()
  const latencies = createLatencies({ windowMs: durationMs })
  const schedule = createSchedule({
    ...{ perSecond: 100, durationMs, arrival: 'constant', random: Math.random },
  })
  const submit = async () => {
    await time.sleep(1_000, signal)
    return true
  }
  const pace = await time.run(
    runOpenLoop({
      ...{ schedule, connections: 2, durationMs, latencies, signal, pacer: time, graceMs: 1_000 },
      submit,
    }),
  )
  expect(pace.requests + pace.unsent).toBe(400)
  expect(pace.unsent).toBeGreaterThan(380)
  expect(pace.endLatenessMs).toBeGreaterThan(4_000)
})

test.each(['poisson', 'constant'] as const)(
  'a %s schedule is in order and keeps its rate',
  (arrival) => {
    const random = createRandom(7)
    const next = createSchedule({ perSecond: 100, durationMs: 600_000, arrival, random })
    const dues: number[] = []
    for (let due = next(); due !== undefined; due = next()) dues.push(due)
    expect(dues).toEqual(dues.toSorted((one, other) => one - other))
    expect(Math.abs(dues.length - 60_000)).toBeLessThan(1_000)
    expect(dues.at(-1)).toBeLessThan(600_000)
  },
)
