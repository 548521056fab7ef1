import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres, type TestPostgres } from '@indelible/testkit'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bucketStart } from '../packages/server/src/query/buckets.ts'
import type { Position } from '../packages/server/src/query/cursor.ts'
import { toSearchable } from '../packages/server/src/query/entry.ts'
import { createFactReader, timeOf } from '../packages/server/src/query/facts.ts'
import { createFilter } from '../packages/server/src/query/filter.ts'
import { createHistogram } from '../packages/server/src/query/histogram.ts'
import { createSearch } from '../packages/server/src/query/search.ts'
import { events, queries } from '../packages/server/src/query/testing/arbitraries.ts'
import { keep, type TestEvent } from '../packages/server/src/query/testing/array-store.ts'
import { createAppendStore as createPostgresAppendStore } from '../packages/server/src/store/postgres/append-store.ts'
import { openPool } from '../packages/server/src/store/postgres/open.ts'
import { createReadStore as createPostgresReadStore } from '../packages/server/src/store/postgres/read-store.ts'
import { migrateStore } from '../packages/server/src/store/postgres/schema.ts'
import { createAppendStore } from '../packages/server/src/store/sqlite/append-store.ts'
import { openIndex } from '../packages/server/src/store/sqlite/index-file.ts'
import { createIndexer } from '../packages/server/src/store/sqlite/indexer.ts'
import { openDatabase } from '../packages/server/src/store/sqlite/open.ts'
import { createReadStore } from '../packages/server/src/store/sqlite/read-store.ts'
import { migrateLog, readInstanceId } from '../packages/server/src/store/sqlite/schema.ts'
import type { AppendStore, ReadStore } from '../packages/server/src/store/store.ts'

const now = Date.UTC(2026, 10, 20)
const tenants = ['a', 'b']

interface OpenedStore extends AsyncDisposable {
  readonly read: ReadStore
  readonly append: AppendStore
  /** Indexes what has been appended, where that is done behind. */
  catchUp(): void
}

async function openSqlite(): Promise<OpenedStore> {
  const folder = mkdtempSync(join(tmpdir(), 'indelible-search-'))
  const log = openDatabase({ path: join(folder, 'log.db'), synchronous: 'FULL', cacheKib: 1024 })
  migrateLog(log)
  const index = openIndex(join(folder, 'index.db'), readInstanceId(log))
  // Of this index alone: it keeps the tokens of values that recur.
  const { readFacts } = createFactReader()
  return {
    read: createReadStore({ log, index: () => index }),
    append: createAppendStore({ database: log }),
    catchUp: () => void createIndexer({ log, index, readFacts }).step(),
    async [Symbol.asyncDispose]() {
      index.close()
      log.close()
      rmSync(folder, { recursive: true })
    },
  }
}

async function openPostgres(postgres: TestPostgres): Promise<OpenedStore> {
  const faults: Error[] = []
  const pool = openPool({
    url: await postgres.createDatabase(),
    connections: 4,
    name: 'test',
    onFault: (error) => faults.push(error),
  })
  await migrateStore(pool)
  const indexSecret = new Uint8Array(32).fill(7)
  const { readFacts } = createFactReader()
  return {
    read: createPostgresReadStore({ pool, indexSecret }),
    append: createPostgresAppendStore({ pool, readFacts, indexSecret }),
    catchUp: () => undefined,
    async [Symbol.asyncDispose]() {
      await pool.end()
      expect(faults).toEqual([])
    },
  }
}

/** Appends to logs, which it makes; keeps count of their entries. */
function createAppender({ transact }: AppendStore) {
  const sizes = new Map<string, number>()
  return (tenant: string, all: readonly TestEvent[]) =>
    transact(async (transaction) => {
      const size = sizes.get(tenant) ?? 0
      const head = { tenant, origin: tenant, generation: 0, vkey: '', edge: new Uint8Array() }
      if (size === 0) await transaction.createLog({ ...head, size: 0, received: 0 })
      const entries = all.map((event, at) => keep(tenant, size + at, now + size + at, event))
      await transaction.insertEntries(
        entries,
        entries.map(({ index }) => `e${index}`),
      )
      sizes.set(tenant, size + entries.length)
      await transaction.saveHead({ ...head, size: size + entries.length, received: now })
      return entries
    })
}

/** Every query finds just what matches, page by page; its histogram counts as many. */
async function assertFindsWhatMatches(open: () => Promise<OpenedStore>): Promise<void> {
  const batch = fc.array(events, { minLength: 1, maxLength: 60 })
  const rounds = { numRuns: 6 }
  await fc.assert(
    fc.asyncProperty(
      batch,
      batch,
      fc.array(queries, { minLength: 40, maxLength: 60 }),
      async (first, second, all) => {
        await using opened = await open()
        const store = opened.read
        const append = createAppender(opened.append)
        const { search } = createSearch({ store, clock: () => now, effortEntriesMax: 25 })
        const { histogram } = createHistogram({ store, clock: () => now })
        const kept = [...(await append('a', first)), ...(await append('b', second))]
        opened.catchUp()
        kept.push(...(await append('a', second)))
        for (const query of all) {
          const filter = createFilter(query)
          const matches = kept.map(toSearchable).filter(filter)
          const names = matches.map(({ tenant, index }) => `${tenant}/${index}`).sort()
          const found: string[] = []
          let after: Position | undefined
          do {
            const page = await search({ tenants, query, order: 'newest-first', limit: 10, after })
            found.push(...page.entries.map(({ tenant, index }) => `${tenant}/${index}`))
            after = page.next ?? undefined
          } while (after !== undefined)
          expect(found.sort()).toEqual(names)
          const { buckets } = await histogram({ tenants, query, interval: 'month' })
          const inBounds = new Set(buckets.map(({ time }) => time))
          expect(buckets.reduce((sum, { count }) => sum + count, 0)).toBe(matches.length)
          for (const { event, received } of matches) {
            const start = bucketStart(Date.parse(timeOf(event, received)), 'month')
            expect(inBounds.has(new Date(start).toISOString())).toBe(true)
          }
        }
      },
    ),
    rounds,
  )
}

test('on SQLite every query finds just what matches, indexed or not, page by page', () =>
  assertFindsWhatMatches(openSqlite))

test('on PostgreSQL every query finds just what matches, page by page', async () => {
  await using postgres = await startPostgres()
  await assertFindsWhatMatches(() => openPostgres(postgres))
})
