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
import { createAppendStore } from '../packages/server/src/store/postgres/append-store.ts'
import { openPool } from '../packages/server/src/store/postgres/open.ts'
import { createReadStore } from '../packages/server/src/store/postgres/read-store.ts'
import { migrateStore } from '../packages/server/src/store/postgres/schema.ts'

const now = Date.UTC(2026, 10, 20)
const tenants = ['a', 'b']

async function openStore(postgres: TestPostgres) {
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
  const { transact } = createAppendStore({ pool, readFacts, indexSecret })
  const sizes = new Map<string, number>()
  return {
    store: createReadStore({ pool, indexSecret }),
    append: (tenant: string, all: readonly TestEvent[]) =>
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
      }),
    async [Symbol.asyncDispose]() {
      await pool.end()
      expect(faults).toEqual([])
    },
  }
}

test('on PostgreSQL every query finds just what matches, page by page', async () => {
  await using postgres = await startPostgres()
  const batch = fc.array(events, { minLength: 1, maxLength: 60 })
  const rounds = { numRuns: 6 }
  await fc.assert(
    fc.asyncProperty(
      batch,
      batch,
      fc.array(queries, { minLength: 40, maxLength: 60 }),
      async (first, second, all) => {
        await using opened = await openStore(postgres)
        const { append, store } = opened
        const { search } = createSearch({ store, clock: () => now, effortEntriesMax: 25 })
        const { histogram } = createHistogram({ store, clock: () => now })
        const kept = [...(await append('a', first)), ...(await append('b', second))]
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
})
