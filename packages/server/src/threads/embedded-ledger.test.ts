import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createKeyring } from '../ledger/keyring.ts'
import { encodeOutcomes } from './append-codec.ts'
import { createEmbeddedLedger } from './embedded-ledger.ts'
import { createIndexLag } from './index-lag.ts'
import type { IndexerCalls } from './indexer.ts'
import type { Threads } from './start-threads.ts'
import { createAdmitted } from './testing/open-ledger.ts'

test('an indexer that counts more than it finds, as after a deletion, is woken by appends alone', async () => {
  let wakes = 0
  const threads = {
    indexer: {
      start: async () => ({ behind: 1 }),
      async wake() {
        wakes++
        await setImmediate()
      },
    },
    publisher: { publish: async () => ({ checkpoints: [], refusals: [] }) },
    writer: {
      append: async () => ({
        outcomes: encodeOutcomes([{ heads: [] }]),
        grown: [{ tenant: 'acme', size: 1, added: 1 }],
      }),
    },
  } as unknown as Threads & { readonly indexer: IndexerCalls } // the ledger calls nothing else of them here
  const ledger = createEmbeddedLedger({
    threads,
    keyring: createKeyring({ seed: new Uint8Array(32), originHost: 'test.invalid' }),
    indexLag: createIndexLag(),
    onFault: (error) => {
      throw error
    },
  })
  await ledger.start()
  await ledger.append([createAdmitted('a')])
  for (let turn = 0; turn < 20; turn++) await setImmediate()
  expect(wakes).toBe(1)
  await ledger.append([createAdmitted('b')])
  for (let turn = 0; turn < 20; turn++) await setImmediate()
  expect(wakes).toBe(2)
  await ledger.close()
})
