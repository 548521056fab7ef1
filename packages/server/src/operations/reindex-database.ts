import { readOrCreateSeed } from '../config/seed.ts'
import { createKeyring } from '../ledger/keyring.ts'
import { createFactReader } from '../query/facts.ts'
import { createReadStore } from '../store/postgres/read-store.ts'
import { createReindexer } from '../store/postgres/reindex.ts'
import { assertStoreSchema } from '../store/postgres/schema.ts'
import { assertSeedFits } from './copy-seed.ts'
import { bearOutages, openDatabase } from './database.ts'
import type { OperationOptions } from './operation-options.ts'
import type { DatabaseAddress } from './store-address.ts'

const batchEntries = 500
/** A log that always grows in between keeps the span of times that it has. */
const looksMax = 100

/**
 * Derives the index entries of a database again and corrects those that differ, beside the nodes
 * that run on it; a search may miss what is corrected only until then. A crash leaves every entry
 * with its old index entries or its new ones.
 * @throws Error with a sentence for the operator, DatabaseOutOfReachError, the signal's reason
 */
export async function reindexDatabase(
  options: OperationOptions & { readonly address: DatabaseAddress; readonly seedFile?: string },
): Promise<{ readonly entries: number; readonly corrected: number; readonly index: string }> {
  const { address, seedFile, onProgress, signal } = options
  if (seedFile === undefined) {
    throw new Error('The index is keyed with the seed of the nodes: name it with --seed-file.')
  }
  const seed = readOrCreateSeed(seedFile, false)
  await using database = await openDatabase(address, { name: 'indelible reindex', connections: 2 })
  const { pool } = database
  await assertStoreSchema(pool)
  const indexSecret = createKeyring({ seed, originHost: '' }).deriveSecret('index')
  const { store } = bearOutages(createReadStore({ pool, indexSecret }), address)
  const { readFacts } = createFactReader()
  const reindexer = bearOutages(createReindexer({ pool, readFacts, indexSecret }), address).store
  const heads = await store.listLogs()
  assertSeedFits(seed, heads)
  const total = heads.reduce((sum, { size }) => sum + size, 0)
  let [entries, corrected] = [0, 0]
  for (const head of heads) {
    const { tenant } = head
    let from = 0
    let { size } = head
    for (let look = 1; look <= looksMax; look++) {
      for (; from < size; from = Math.min(from + batchEntries, size)) {
        const batch = await store.readRange(tenant, from, size, batchEntries)
        corrected += await reindexer.reindex(tenant, batch)
        entries += batch.length
        onProgress?.({ done: entries, total: Math.max(entries, total) })
        signal?.throwIfAborted()
      }
      if (await reindexer.saveSpan(tenant, size)) break
      size = (await store.readLog(tenant))?.size ?? size
    }
  }
  return { entries, corrected, index: 'entry_by_token' }
}
