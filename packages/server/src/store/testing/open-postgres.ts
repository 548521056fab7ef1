import { expect } from 'vitest'
import { createAppendStore } from '../postgres/append-store.ts'
import { createAuditStore } from '../postgres/audit-store.ts'
import { openGuard } from '../postgres/guard.ts'
import { readLogFigures } from '../postgres/log-figures.ts'
import { openPool, type Pool } from '../postgres/open.ts'
import { createAdminStore } from '../postgres/prove-store.ts'
import { createReadStore } from '../postgres/read-store.ts'
import { repeatReads } from '../postgres/repeated-reads.ts'
import { migrateStore } from '../postgres/schema.ts'
import { readFacts } from './entries.ts'
import type { StoreUnderTest } from './store-under-test.ts'

const indexSecret = new Uint8Array(32).fill(7)

export interface OpenedPostgres extends StoreUnderTest {
  readonly pool: Pool
  /** What ended sessions said. */
  readonly faults: readonly Error[]
}

/** All capabilities on one database, as a node has them. */
export async function openPostgresStore(url: string): Promise<OpenedPostgres> {
  const faults: Error[] = []
  const pool = openPool({
    ...{ url, connections: 10, name: 'test' },
    onFault: (error) => faults.push(error),
  })
  await migrateStore(pool)
  return {
    ...{ pool, faults },
    append: createAppendStore({ pool, readFacts, indexSecret }),
    read: createReadStore({ pool: repeatReads(pool), indexSecret }),
    audit: createAuditStore({ pool }),
    admin: createAdminStore({ pool }),
    readLogFigures: () => readLogFigures(pool),
    guard: await openGuard({ pool }),
    catchUp: async () => undefined,
    [Symbol.asyncDispose]: () => pool.end(),
  }
}

/** For tests in which no session ends before its time. */
export async function openQuietStore(url: string): Promise<OpenedPostgres> {
  const store = await openPostgresStore(url)
  return {
    ...store,
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]()
      expect(store.faults).toEqual([])
    },
  }
}
