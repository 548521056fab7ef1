import { randomFillSync, randomUUID } from 'node:crypto'
import { startPostgres } from '@indelible/testkit'
import { expect, test } from 'vitest'
import type { Guard } from '../store/guard.ts'
import { createAppendStore } from '../store/postgres/append-store.ts'
import { openQuietStore } from '../store/testing/open-postgres.ts'
import { createKeyring } from './keyring.ts'
import { createPublisher } from './publisher.ts'
import { createSequencer } from './sequencer.ts'

const keyring = createKeyring({ seed: new Uint8Array(32).fill(1), originHost: 'log.example' })
const clock = Date.now

/** A store with a log, and publishers on it as several nodes have them. */
async function openLog(url: string) {
  const store = await openQuietStore(url)
  const fillRandom = (buffer: Uint8Array) => void randomFillSync(buffer)
  const appendStore = createAppendStore({
    pool: store.pool,
    readFacts: () => ({ groups: [], time: 0 }),
    indexSecret: new Uint8Array(32),
  })
  const { append } = createSequencer({ store: appendStore, keyring, clock, fillRandom })
  return {
    guard: store.guard,
    async grow(tenant = '_system') {
      const parts = { core: JSON.stringify({ action: 'a', tenant }) }
      const id = randomUUID()
      const event = { tenant, id, idStamped: true, timeStamped: true, parts }
      const { outcomes } = await append([{ events: [{ ...event, bytes: 1 }] }])
      expect(outcomes).toMatchObject([{ heads: [{}] }])
    },
    /** Signs everything and keeps the checkpoints. */
    async keep() {
      const { checkpoints } = await this.createNode().publish()
      await store.append.transact(async (transaction) => {
        for (const checkpoint of checkpoints) await transaction.saveCheckpoint(checkpoint)
      })
    },
    createNode(guard: Guard = store.guard, clock = Date.now) {
      const { readCheckpoint } = store.audit
      const publisher = createPublisher({
        store: { ...store.read, readCheckpoint },
        ...{ guard, keyring, clock },
      })
      const sign = async () =>
        (await publisher.publish()).checkpoints.map(({ tenant, size }) => [tenant, size])
      return { ...publisher, sign }
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}

test('what a node signed and could not keep is signed at once by the next one', async () => {
  await using postgres = await startPostgres()
  await using log = await openLog(postgres.url)
  const [one, other] = [log.createNode(), log.createNode()]
  await log.grow()
  const [[, size = 0] = []] = await one.sign()
  expect(await one.sign()).toEqual([])
  await log.grow()
  // The other one ends here: the guard has advanced, and nobody holds the checkpoint.
  expect(await other.sign()).toEqual([['_system', Number(size) + 1]])
  expect(await one.sign()).toEqual([['_system', Number(size) + 1]])
  expect(await other.sign()).toEqual([])
  other.forget()
  expect(await other.sign()).toEqual([['_system', Number(size) + 1]])
})

test('an idle log is signed anew in time, and when a clock that was set back makes its time one to come', async () => {
  await using postgres = await startPostgres()
  await using log = await openLog(postgres.url)
  let now = Date.now()
  const node = log.createNode(log.guard, () => now)
  await log.grow()
  const signed: number[] = []
  for (const seconds of [0, 540, 60, -50, -20, 5]) {
    now += 1_000 * seconds
    signed.push((await node.sign()).length)
  }
  expect(signed).toEqual([1, 0, 1, 0, 1, 0])
})

test('a log is refused for what is found twice of it, not once of it and once of another', async () => {
  await using postgres = await startPostgres()
  await using log = await openLog(postgres.url)
  await log.grow()
  await log.grow('acme')
  await log.keep()
  // As somebody sees it who reads the guard just before the other one makes a log's first state.
  const unseen = ['_system', 'acme']
  const node = log.createNode({
    advance: log.guard.advance,
    async list() {
      const missing = unseen.shift()
      return (await log.guard.list()).filter(({ tenant }) => tenant !== missing)
    },
  })
  expect((await node.publish()).refusals).toEqual([])
  expect(await node.sign()).toContainEqual(['acme', 1])
  unseen.push('acme', 'acme')
  node.forget()
  expect((await node.publish()).refusals).toMatchObject([{ tenant: 'acme' }])
})

test('a guard that advanced and whose answer was lost is signed for in the next round', async () => {
  await using postgres = await startPostgres()
  await using log = await openLog(postgres.url)
  let isCut = false
  const node = log.createNode({
    list: log.guard.list,
    async advance(steps) {
      await log.guard.advance(steps)
      if (isCut) throw new Error('Connection terminated unexpectedly')
    },
  })
  await log.grow()
  expect(await node.sign()).toHaveLength(1)
  await log.grow()
  isCut = true
  await expect(node.sign()).rejects.toThrow('Connection terminated')
  isCut = false
  expect(await node.sign()).toHaveLength(1)
})
