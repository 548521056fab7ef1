import { startPostgres, type TestPostgres } from '@indelible/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAppendStore } from './append-store.ts'
import { claimInstance, readAdminVersion, readInstance } from './instance.ts'
import { advisoryLocks, openPool } from './open.ts'
import { assertStoreSchema, migrateStore, readSchemaState } from './schema.ts'

let postgres: TestPostgres
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => postgres[Symbol.asyncDispose]())

async function openDatabase() {
  const url = await postgres.createDatabase()
  const pool = openPool({ url, connections: 5, name: 'test', onFault: () => undefined })
  return { pool, [Symbol.asyncDispose]: () => pool.end() }
}

test('nodes that start at once on an empty database make one schema and one instance', async () => {
  await using database = await openDatabase()
  const { pool } = database
  await expect(assertStoreSchema(pool)).rejects.toThrow('Run "indelible migrate"')
  const states = await Promise.all(Array.from({ length: 4 }, () => migrateStore(pool)))
  const { known } = await readSchemaState(pool)
  expect(states.filter(({ found }) => found === 0)).toHaveLength(1)
  expect(states.filter(({ found }) => found === known)).toHaveLength(3)
  await assertStoreSchema(pool)
  expect((await readInstance(pool)).id).toMatch(/^[0-9a-f]{20}$/)
})

test('a node that looked for the schema before another one made it finds it there', async () => {
  const url = await postgres.createDatabase()
  await using cleanup = new AsyncDisposableStack()
  const open = () => {
    const pool = openPool({ url, connections: 1, name: 'test', onFault: () => undefined })
    return cleanup.adopt(pool, (each) => each.end())
  }
  const [gate, early, first] = [open(), open(), open()]
  expect(await readSchemaState(early)).toMatchObject({ found: 0 })
  await gate.query('SELECT pg_advisory_lock($1)', [advisoryLocks.migration])
  const waiting = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
  const countWaiting = async () => (await gate.query(waiting)).rowCount
  const leader = migrateStore(first)
  await expect.poll(countWaiting).toBe(1)
  const follower = migrateStore(early)
  await expect.poll(countWaiting).toBe(2)
  await gate.query('SELECT pg_advisory_unlock($1)', [advisoryLocks.migration])
  const { known } = await leader
  expect(await follower).toEqual({ found: known, known })
})

test('a node waits for one that takes longer with the schema than a statement usually may', async () => {
  await using database = await openDatabase()
  const { pool } = database
  Object.assign(pool.options, { query_timeout: 5_000 }) // of the sessions that begin from here on
  const gate = await pool.connect()
  await gate.query('SELECT pg_advisory_lock($1)', [advisoryLocks.migration])
  const migrated = migrateStore(pool)
  await expect(pool.query('SELECT pg_sleep(9)')).rejects.toThrow('Query read timeout')
  await gate.query('SELECT pg_advisory_unlock($1)', [advisoryLocks.migration])
  gate.release()
  expect(await migrated).toMatchObject({ found: 0 })
})

test('a newer schema is worked with where it allows it, and refused with what to do where not', async () => {
  await using database = await openDatabase()
  const { pool } = database
  const { known } = await migrateStore(pool)
  const insert = 'INSERT INTO schema_step (step, breaking) VALUES ($1, $2)'
  await pool.query(insert, [known + 1, false])
  await assertStoreSchema(pool)
  await migrateStore(pool)
  await pool.query(insert, [known + 2, true])
  await expect(assertStoreSchema(pool)).rejects.toThrow('Start the newer version')
  await expect(migrateStore(pool)).rejects.toThrow('Start the newer version')
})

test('all nodes have one seed and one origin: a node with others is refused, and told why', async () => {
  await using database = await openDatabase()
  const { pool } = database
  await migrateStore(pool)
  const seedMark = Buffer.alloc(32, 1)
  const { id, originHost } = await claimInstance(pool, { seedMark })
  expect(originHost).toBe(`indelible.invalid/${id}`)
  expect(await claimInstance(pool, { seedMark, originHost })).toMatchObject({ id, originHost })
  const otherSeed = claimInstance(pool, { seedMark: Buffer.alloc(32, 2) })
  await expect(otherSeed).rejects.toThrow('INDELIBLE_SEED_FILE')
  const otherOrigin = claimInstance(pool, { seedMark, originHost: 'audit.example' })
  await expect(otherOrigin).rejects.toThrow('INDELIBLE_ORIGIN')
  expect((await readInstance(pool)).originHost).toBe(originHost)
})

test('every transaction that changes administration moves its version on, and no other does', async () => {
  await using database = await openDatabase()
  const { pool } = database
  await migrateStore(pool)
  const store = createAppendStore({
    ...{ pool, indexSecret: new Uint8Array(32) },
    readFacts: () => ({ groups: [], time: 0 }),
  })
  const before = await readAdminVersion(pool)
  await store.transact(async (transaction) => {
    await transaction.changeAdmin({ kind: 'key', id: 'a', value: '{}' })
    await transaction.changeAdmin({ kind: 'key', id: 'b', value: '{}' })
  })
  expect(await readAdminVersion(pool)).toBe(before + 1)
  await store.transact((transaction) => transaction.hasAdmin('key', 'a'))
  const failing = store.transact(async (transaction) => {
    await transaction.changeAdmin({ kind: 'key', id: 'a', value: null })
    throw new Error('given up')
  })
  await expect(failing).rejects.toThrow('given up')
  expect(await readAdminVersion(pool)).toBe(before + 1)
})
