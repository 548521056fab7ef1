import { randomFillSync } from 'node:crypto'
import { askDatabase, createRandom, startPostgres } from '@indelible/testkit'
import { expect, test } from 'vitest'
import { createAppendStore } from '../store/postgres/append-store.ts'
import type { Pool } from '../store/postgres/open.ts'
import { openQuietStore } from '../store/testing/open-postgres.ts'
import { createKeyring } from './keyring.ts'
import { createSequencer } from './sequencer.ts'

const parts = { core: '{"action":"a","id":"e"}' }
const keyring = createKeyring({ seed: new Uint8Array(32).fill(1), originHost: 'log.example' })
const createStore = (pool: Pool) =>
  createAppendStore({
    pool,
    readFacts: () => ({ groups: [], time: 0 }),
    indexSecret: new Uint8Array(32),
  })
const fillRandom = (buffer: Uint8Array) => void randomFillSync(buffer)

test('a node whose clock is hours from the database’s appends nothing, and leaves the others their logs', async () => {
  await using postgres = await startPostgres()
  await using store = await openQuietStore(postgres.url)
  const append = createStore(store.pool)
  /** A node whose clock is so far ahead. @returns what its append is answered with */
  const appendAt = async (aheadMs: number) => {
    const sequencer = createSequencer({
      ...{ store: append, keyring, clock: () => Date.now() + aheadMs },
      fillRandom,
    })
    const event = { tenant: 'acme', id: 'e', idStamped: false, timeStamped: true, parts, bytes: 1 }
    const [outcome] = (await sequencer.append([{ events: [event] }])).outcomes
    return outcome
  }
  for (const aheadMs of [2 * 3_600_000, -2 * 3_600_000]) {
    expect(await appendAt(aheadMs)).toMatchObject({ refusal: { code: 'clock-behind' } })
    expect(await store.read.listLogs()).toEqual([])
  }
  expect(await appendAt(30_000)).toMatchObject({ heads: [{ index: 0 }] })
  expect(await appendAt(0)).toMatchObject({ heads: [{ index: 0, duplicate: true }] })
})

test('batches for the same new tenants, at once and in any order, meet in no deadlock', async () => {
  await using postgres = await startPostgres()
  const random = createRandom(7)
  const append = async (append: ReturnType<typeof createStore>, tenants: readonly string[]) => {
    const sequencer = createSequencer({ store: append, keyring, clock: Date.now, fillRandom })
    const events = tenants.map((tenant) => ({
      ...{ tenant, id: 'e', idStamped: false, timeStamped: true, parts, bytes: 1 },
    }))
    const { outcomes } = await sequencer.append([{ events }])
    expect(outcomes).toMatchObject([{ heads: tenants.map(() => ({ index: 0 })) }])
  }
  {
    await using store = await openQuietStore(postgres.url)
    const appendStore = createStore(store.pool)
    for (let round = 0; round < 10; round++) {
      const tenants = Array.from({ length: 6 }, (_, n) => `tenant-${round}-${n}`)
      const some = () => tenants.filter(() => random() < 0.7).sort(() => random() - 0.5)
      await Promise.all(Array.from({ length: 10 }, () => append(appendStore, some())))
    }
  }
  // With the sessions' end all they counted is there to be read.
  const counted = await askDatabase(
    postgres.url,
    'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
  )
  expect(counted).toEqual([{ deadlocks: '0' }])
})
