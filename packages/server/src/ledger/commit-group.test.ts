import { randomFillSync } from 'node:crypto'
import { startPostgres } from '@indelible/testkit'
import { expect, test } from 'vitest'
import { createAppendStore } from '../store/postgres/append-store.ts'
import { openQuietStore } from '../store/testing/open-postgres.ts'
import { createKeyring } from './keyring.ts'
import { createSequencer } from './sequencer.ts'

test('a node whose clock is hours from the database’s appends nothing, and leaves the others their logs', async () => {
  await using postgres = await startPostgres()
  await using store = await openQuietStore(postgres.url)
  const append = createAppendStore({
    pool: store.pool,
    readFacts: () => ({ groups: [], time: 0 }),
    indexSecret: new Uint8Array(32),
  })
  const keyring = createKeyring({ seed: new Uint8Array(32).fill(1), originHost: 'log.example' })
  /** A node whose clock is so far ahead. @returns what its append is answered with */
  const appendAt = async (aheadMs: number) => {
    const sequencer = createSequencer({
      ...{ store: append, keyring, clock: () => Date.now() + aheadMs },
      fillRandom: (buffer) => void randomFillSync(buffer),
    })
    const parts = { core: '{"action":"a","id":"e","tenant":"acme"}' }
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
