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
    async grow() {
      const parts = { core: '{"action":"a","tenant":"_system"}' }
      const id = randomUUID()
      const event = { tenant: '_system', id, idStamped: true, timeStamped: true, parts }
      const { outcomes } = await append([{ events: [{ ...event, bytes: 1 }] }])
      expect(outcomes).toMatchObject([{ heads: [{}] }])
    },
    createNode(guard: Guard = store.guard) {
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
