import {
  type CommitFault,
  startPostgres,
  startPostgresProxy,
  type TestPostgres,
} from '@indelible/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createEntry, readFacts } from '../testing/entries.ts'
import { type OpenedPostgres, openPostgresStore } from '../testing/open-postgres.ts'
import { appendIn, appendTo } from '../testing/store-under-test.ts'
import { createAppendStore } from './append-store.ts'
import { sqlState, toRefusal } from './failure.ts'
import { openPool } from './open.ts'

let postgres: TestPostgres
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => postgres[Symbol.asyncDispose]())

const openStore = async () => openPostgresStore(await postgres.createDatabase())

const endOneSession = `
  SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE datname = current_database() AND backend_type = 'client backend'
    AND pid <> pg_backend_pid()
  ORDER BY random() LIMIT 1`

/** Ids and indexes of a log, as kept. */
async function listEntries(store: OpenedPostgres, tenant: string): Promise<unknown[]> {
  const entries = await store.read.readRange(tenant, 0, 1_000_000, 1_000_000)
  expect(entries.map(({ index }) => index)).toEqual(entries.map((_, n) => n))
  expect((await store.read.readLog(tenant))?.size).toBe(entries.length)
  return entries.map(({ parts }) => JSON.parse(parts.core).id)
}

const faults: readonly [CommitFault, number][] = [
  ['lost', 2],
  ['stalled', 2],
  ['unanswered', 1],
]

test.each(faults)('a COMMIT that was %s is settled: all is kept, once', async (fault, attempts) => {
  const url = await postgres.createDatabase()
  await using proxy = await startPostgresProxy(url)
  await using store = await openPostgresStore(proxy.url)
  await appendTo(store, 'acme', [{ id: 'first' }])
  proxy.failNextCommit(fault)
  let count = 0
  const result = await store.append.transact(async (transaction) => {
    count++
    await appendIn(transaction, 'acme', [{ id: 'a' }, { id: 'b' }])
    return `attempt ${count}`
  })
  expect(result).toBe(`attempt ${attempts}`)
  expect(await listEntries(store, 'acme')).toEqual(['first', 'a', 'b'])
  expect(store.faults.length).toBeGreaterThan(0)
})

test.each(faults)('a COMMIT of a new log that was %s makes one log', async (fault, attempts) => {
  const url = await postgres.createDatabase()
  await using proxy = await startPostgresProxy(url)
  await using store = await openPostgresStore(proxy.url)
  proxy.failNextCommit(fault)
  let count = 0
  await store.append.transact(async (transaction) => {
    count++
    await appendIn(transaction, 'acme', [{ id: 'a' }])
    await appendIn(transaction, 'other', [{ id: 'b' }])
  })
  expect(count).toBe(attempts)
  expect(await listEntries(store, 'acme')).toEqual(['a'])
  expect(await listEntries(store, 'other')).toEqual(['b'])
})

test('an outcome that nobody can tell is refused as unknown, with what to do', async () => {
  const url = await postgres.createDatabase()
  await using proxy = await startPostgresProxy(url)
  await using store = await openPostgresStore(proxy.url)
  await appendTo(store, 'acme', [{}])
  let elapsed = 0
  const { pool } = store
  const now = () => (elapsed += 4_000)
  const append = createAppendStore({ pool, readFacts, indexSecret: new Uint8Array(32), now })
  const outcome = append.transact(async (transaction) => {
    await appendIn(transaction, 'acme', [{ id: 'lost' }])
    proxy.failNextCommit('unanswered')
    pool.once('remove', () => proxy.close())
  })
  await expect(outcome).rejects.toMatchObject({
    code: 'store-unavailable',
    message: expect.stringContaining('Send it again with the same ids'),
  })
})

test('a database that is out of reach is a refusal, and nothing was kept', async () => {
  const url = await postgres.createDatabase()
  await using proxy = await startPostgresProxy(url)
  await using store = await openPostgresStore(proxy.url)
  proxy.close()
  let elapsed = 0
  const { pool } = store
  const now = () => (elapsed += 4_000)
  const append = createAppendStore({ pool, readFacts, indexSecret: new Uint8Array(32), now })
  await expect(append.transact(async () => 'done')).rejects.toMatchObject({
    code: 'store-unavailable',
    message: expect.stringContaining('Nothing of this request was kept'),
  })
})

test('a database that loses every COMMIT is a refusal in the end', async () => {
  const url = await postgres.createDatabase()
  await using proxy = await startPostgresProxy(url)
  await using store = await openPostgresStore(proxy.url)
  await appendTo(store, 'acme', [{ id: 'first' }])
  let elapsed = 0
  const { pool } = store
  const now = () => (elapsed += 4_000)
  const append = createAppendStore({ pool, readFacts, indexSecret: new Uint8Array(32), now })
  const losing = append.transact(async (transaction) => {
    await appendIn(transaction, 'acme', [{ id: 'lost' }])
    proxy.failNextCommit('lost')
  })
  await expect(losing).rejects.toMatchObject({ code: 'store-unavailable' })
  expect(await listEntries(store, 'acme')).toEqual(['first'])
})

test('work that inserts entries and saves no head is a bug, told at once, and keeps nothing', async () => {
  await using store = await openStore()
  await appendTo(store, 'acme', [{ id: 'first' }])
  let count = 0
  const broken = store.append.transact(async (transaction) => {
    count++
    await transaction.insertEntries([createEntry('acme', 1, { id: 'a' })], ['a'])
  })
  await expect(broken).rejects.toThrow('no new head')
  expect(count).toBe(1)
  expect(await listEntries(store, 'acme')).toEqual(['first'])
})

test('a session that is terminated in mid-transaction costs nothing but another attempt', async () => {
  await using store = await openStore()
  await appendTo(store, 'acme', [{ id: 'first' }])
  let count = 0
  await store.append.transact(async (transaction) => {
    await appendIn(transaction, 'acme', [{ id: 'a' }])
    if (++count === 1) await store.pool.query(endOneSession)
  })
  expect(count).toBe(2)
  expect(await listEntries(store, 'acme')).toEqual(['first', 'a'])
})

test('transactions that wait for each other are both committed', async () => {
  await using store = await openStore()
  await appendTo(store, 'a', [{ id: 'a0' }])
  await appendTo(store, 'b', [{ id: 'b0' }])
  const met = Promise.withResolvers<void>()
  let arrived = 0
  const lockBoth = (first: string, second: string) =>
    store.append.transact(async (transaction) => {
      await transaction.lockHeads([first])
      if (++arrived === 2) met.resolve()
      await met.promise
      await appendIn(transaction, second, [{ id: `${second}1` }])
    })
  await Promise.all([lockBoth('a', 'b'), lockBoth('b', 'a')])
  expect(arrived).toBeGreaterThan(2)
  expect(await listEntries(store, 'a')).toEqual(['a0', 'a1'])
  expect(await listEntries(store, 'b')).toEqual(['b0', 'b1'])
})

test('transactions that make the same logs, in orders of their own, wait in no ring', async () => {
  await using store = await openStore()
  const failed: unknown[] = []
  const firstIsMade = Promise.withResolvers<void>()
  const bothAreMaking = Promise.withResolvers<void>()
  const untilOneWaits = async (): Promise<void> => {
    for (;;) {
      const { rowCount } = await store.pool.query('SELECT FROM pg_locks WHERE NOT granted')
      if (rowCount !== 0) return
    }
  }
  const make = (tenants: readonly string[], between: () => Promise<void>) =>
    store.append.transact(async (transaction) => {
      try {
        for (const tenant of tenants) {
          const made = appendIn(transaction, tenant, [{ id: tenants.join() }])
          if (tenant === 'b' && failed.length === 0) {
            void Promise.race([made, untilOneWaits()]).finally(bothAreMaking.resolve)
          }
          await made
          if (tenant === tenants[0]) await between()
        }
      } catch (error) {
        failed.push(sqlState(error))
        throw error
      }
    })
  const first = make(['a', 'b'], async () => {
    firstIsMade.resolve()
    await bothAreMaking.promise
  })
  await firstIsMade.promise
  await Promise.all([first, make(['b', 'a'], async () => undefined)])
  // Found to exist, not a deadlock (40P01), which is noticed after a second or more.
  expect(failed).toEqual(['23505'])
  for (const tenant of ['a', 'b']) expect(await listEntries(store, tenant)).toEqual(['a,b', 'b,a'])
})

test('a node that stops in mid-append holds the others up only until its session is ended', async () => {
  await using store = await openStore()
  await appendTo(store, 'acme', [{ id: 'first' }])
  const stopped = await store.pool.connect()
  await stopped.query('BEGIN')
  await stopped.query("SELECT FROM log WHERE tenant = 'acme' FOR UPDATE")
  await appendTo(store, 'acme', [{ id: 'a' }])
  await expect(stopped.query('COMMIT')).rejects.toThrow()
  stopped.release(true)
  expect(await listEntries(store, 'acme')).toEqual(['first', 'a'])
})

test('a primary that became a standby is left for the one that took over', async () => {
  const url = await postgres.createDatabase()
  await using store = await openPostgresStore(url)
  await appendTo(store, 'acme', [{ id: 'first' }])
  const setReadOnly = (value: 'on' | 'off') =>
    store.pool.query(
      `DO $$ BEGIN EXECUTE format(
         'ALTER DATABASE %I SET default_transaction_read_only = ${value}', current_database());
       END $$`,
    )
  await setReadOnly('on')
  // Only sessions that begin now are those of a standby.
  const late = openPool({ url, connections: 1, name: 'late', onFault: () => undefined })
  const append = createAppendStore({ pool: late, readFacts, indexSecret: new Uint8Array(32) })
  let count = 0
  await append.transact(async (transaction) => {
    if (++count === 2) await setReadOnly('off')
    await appendIn(transaction, 'acme', [{ id: 'a' }])
  })
  await late.end()
  expect(count).toBe(3)
  expect(await listEntries(store, 'acme')).toEqual(['first', 'a'])
})

test('a full disk is a refusal that says so, and appends go on when there is room', async () => {
  await using store = await openStore()
  await appendTo(store, 'acme', [{ id: 'first' }])
  await store.pool.query(`
    CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100';
    END $$;
    CREATE TRIGGER fill BEFORE INSERT ON entry FOR EACH ROW EXECUTE FUNCTION fill()`)
  const error = await appendTo(store, 'acme', [{ id: 'a' }]).catch((thrown: unknown) => thrown)
  expect(sqlState(error)).toBe('53100')
  expect(toRefusal(error)).toMatchObject({
    code: 'store-unavailable',
    message: expect.stringContaining('disk of the database is full'),
  })
  await store.pool.query('DROP TRIGGER fill ON entry')
  await appendTo(store, 'acme', [{ id: 'a' }])
  expect(await listEntries(store, 'acme')).toEqual(['first', 'a'])
})

test('appends of many writers on two nodes are gapless, with sessions killed all the while', async () => {
  const url = await postgres.createDatabase()
  await using one = await openPostgresStore(url)
  await using two = await openPostgresStore(url)
  const tenants = ['a', 'b', 'c']
  const rounds = 25
  const write = async (node: OpenedPostgres, writer: number) => {
    for (let n = 0; n < rounds; n++) {
      await node.append.transact(async (transaction) => {
        for (const tenant of tenants.filter((_, at) => (n + at + writer) % 3 !== 0)) {
          await appendIn(transaction, tenant, [{ id: `${writer}-${n}` }])
        }
      })
      // The session that asks may itself be ended by another writer.
      if (n % 8 === writer) await node.pool.query(endOneSession).catch(() => undefined)
    }
  }
  await Promise.all(Array.from({ length: 8 }, (_, n) => write(n % 2 === 0 ? one : two, n)))
  for (const [at, tenant] of tenants.entries()) {
    const expected = Array.from({ length: 8 }, (_, writer) =>
      Array.from({ length: rounds }, (_, n) => n)
        .filter((n) => (n + at + writer) % 3 !== 0)
        .map((n) => `${writer}-${n}`),
    )
    const kept = await listEntries(one, tenant)
    expect(kept.toSorted()).toEqual(expected.flat().toSorted())
  }
})

test('what is appended while the server crashes and restarts is kept once', async () => {
  await using server = await startPostgres()
  await using store = await openPostgresStore(await server.createDatabase())
  const rounds = 60
  const readSize = async ({ read }: OpenedPostgres) =>
    (await read.readLog('acme').catch(() => undefined))?.size ?? 0
  const write = async (writer: number) => {
    for (let n = 0; n < rounds; n++) await appendTo(store, 'acme', [{ id: `${writer}-${n}` }])
  }
  const writing = Promise.all([write(0), write(1), write(2)])
  for (const mode of ['immediate', 'fast', 'immediate'] as const) {
    const size = await readSize(store)
    while ((await readSize(store)) < Math.min(size + 10, 3 * rounds));
    await server.restart(mode)
  }
  await writing
  expect(await listEntries(store, 'acme')).toHaveLength(3 * rounds)
})
