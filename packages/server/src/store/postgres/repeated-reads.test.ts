import { startPostgres, type TestPostgres } from '@indelible/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPostgresStore } from '../testing/open-postgres.ts'
import { appendTo } from '../testing/store-under-test.ts'
import { openPool } from './open.ts'
import { repeatReads } from './repeated-reads.ts'

let postgres: TestPostgres
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => postgres[Symbol.asyncDispose]())

const endThoseThatWait = `
  SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE datname = current_database() AND wait_event_type = 'Lock'`

test('a read whose session is ended is answered by another session', async () => {
  const url = await postgres.createDatabase()
  await using reading = await openPostgresStore(url)
  await using store = await openPostgresStore(url)
  await appendTo(store, 'acme', [{ id: 'a' }])
  const holder = await store.pool.connect()
  await holder.query('BEGIN')
  await holder.query('LOCK TABLE log IN ACCESS EXCLUSIVE MODE')
  const read = reading.read.readLog('acme')
  while ((await store.pool.query(endThoseThatWait)).rowCount === 0);
  await holder.query('ROLLBACK')
  holder.release()
  expect(await read).toMatchObject({ tenant: 'acme', size: 1 })
})

test('an outage that lasts is told after a second, and a mistake at once', async () => {
  const pool = openPool({
    ...{ url: await postgres.createDatabase(), connections: 1, name: 'test' },
    onFault: () => undefined,
  })
  let time = 0
  let count = 0
  const { query } = repeatReads(
    {
      query: (...parameters) => {
        count++
        time += 100
        return pool.query(...parameters)
      },
    },
    () => time,
  )
  await expect(query('SELECT nothing')).rejects.toThrow('"nothing"')
  expect(count).toBe(1)
  await pool.end()
  await expect(query('SELECT 1')).rejects.toThrow('Cannot use a pool after')
  expect(count).toBe(1 + 10)
})
