import { limits } from '@indelible/protocol'
import { expect, test } from 'vitest'
import type { AdmittedEvent } from '../store/store.ts'
import type { AppendRequest } from './append-request.ts'
import { createLanes } from './lanes.ts'

const requestFor = (tenant: string, bytes = 2): AppendRequest => {
  const event = { tenant, id: 'e', idStamped: false, timeStamped: false, parts: { core: '{}' } }
  return { events: [{ ...event, bytes } satisfies AdmittedEvent] }
}
const tenants = Array.from({ length: 40 }, (_, n) => `t${n}`)

/** Lanes whose store holds the groups of one tenant until it is let go. */
function createBlocked(blocked: string) {
  const { promise, resolve: release } = Promise.withResolvers<void>()
  const groups: string[][] = []
  const lanes = createLanes({
    async commit(requests) {
      const names = requests.map(({ events }) => events[0]?.tenant ?? '')
      groups.push(names)
      if (names.includes(blocked)) await promise
      return requests.map(() => ({ heads: [] }))
    },
  })
  return { lanes, groups, release }
}

test('a log that is held up holds up few others, and never _system', async () => {
  const { lanes, release } = createBlocked('t0')
  const done = new Set<string>()
  const append = (tenant: string) => lanes.append(requestFor(tenant)).then(() => done.add(tenant))
  const held = append('t0')
  await new Promise((resolve) => setImmediate(resolve))
  const others = [...tenants.slice(1), '_system'].map(append)
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
  expect(done).toContain('_system')
  expect(done.size).toBeGreaterThan(tenants.length / 2)
  expect(done.size).toBeLessThan(tenants.length)
  expect(lanes.bytesHeld).toBe(2 * (tenants.length + 1 - done.size))
  release()
  await Promise.all([held, ...others])
  await lanes.drain()
  expect(lanes.bytesHeld).toBe(0)
})

test('a lane that is busy takes the largest body, and not a second one', async () => {
  const { lanes, release } = createBlocked('t1')
  const large = () => lanes.append(requestFor('t1', limits.bodyBytesMax))
  const taken = [lanes.append(requestFor('t1')), large()]
  await expect(large()).rejects.toMatchObject({ code: 'pushback' })
  release()
  await Promise.all(taken)
})

test('requests for one log are committed one group after the other, in order', async () => {
  const { lanes, groups, release } = createBlocked('t1')
  const first = lanes.append(requestFor('t1'))
  await new Promise((resolve) => setImmediate(resolve))
  const rest = [1, 2, 3].map(() => lanes.append(requestFor('t1')))
  await new Promise((resolve) => setImmediate(resolve))
  expect(groups).toEqual([['t1']])
  release()
  await Promise.all([first, ...rest])
  expect(groups).toEqual([['t1'], ['t1', 't1', 't1']])
})
