import { startPostgres } from '@indelible/testkit'
import { expect, test } from 'vitest'
import { assertServer, openPool } from './open.ts'

async function check(url: string): Promise<void> {
  const pool = openPool({ url, connections: 1, name: 'test', onFault: () => undefined })
  try {
    await assertServer(pool)
  } finally {
    await pool.end()
  }
}

test('a server that does not make commits durable is refused, and so is one that can not hold UTF-8', async () => {
  await using durable = await startPostgres()
  const url = await durable.createDatabase()
  await check(url)
  const pool = openPool({ url, connections: 1, name: 'test', onFault: () => undefined })
  await pool.query("CREATE DATABASE latin ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")
  await pool.query('ALTER ROLE CURRENT_USER SET synchronous_commit = off')
  await pool.end()
  const latin = new URL(url)
  latin.pathname = '/latin'
  await expect(check(latin.href)).rejects.toThrow("create one with ENCODING 'UTF8'")
  await expect(check(url)).rejects.toThrow('synchronous_commit off')

  await using careless = await startPostgres({
    settings: { fsync: 'off', full_page_writes: 'off' },
  })
  await expect(check(careless.url)).rejects.toThrow('fsync and full_page_writes off')
})

test('no parameter of the URL takes away what the store relies on', async () => {
  await using postgres = await startPostgres()
  const url = new URL(postgres.url)
  url.search =
    'options=-c search_path%3Dpublic -c work_mem%3D5MB&statement_timeout=0&lock_timeout=0&max=50&' +
    'idle_in_transaction_session_timeout=0'
  const pool = openPool({ url: url.href, connections: 1, name: 'test', onFault: () => undefined })
  const read = async (name: string) =>
    (await pool.query('SELECT current_setting($1) AS value', [name])).rows[0].value
  expect([
    await read('search_path'),
    await read('statement_timeout'),
    await read('lock_timeout'),
    await read('idle_in_transaction_session_timeout'),
    await read('work_mem'),
    pool.options.max,
  ]).toEqual(['indelible', '20s', '6s', '4s', '5MB', 1])
  await pool.end()
})

test('sessions that end, idle or at work, are reported and replaced; they never end the process', async () => {
  await using postgres = await startPostgres()
  const faults: Error[] = []
  const pool = openPool({
    ...{ url: postgres.url, connections: 3, name: 'test' },
    onFault: (error) => faults.push(error),
  })
  const [idle, busy] = [await pool.connect(), await pool.connect()]
  idle.release()
  await pool.query(
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()',
  )
  await expect(busy.query('SELECT 1')).rejects.toThrow()
  busy.release(true)
  await postgres.restart('immediate')
  expect((await pool.query("SELECT current_setting('search_path') AS path")).rows).toEqual([
    { path: 'indelible' },
  ])
  expect(faults.length).toBeGreaterThan(0)
  await pool.end()
})

test('a password that is missing is told in words, and the attempt leaves no connection open', async () => {
  await using postgres = await startPostgres()
  const url = new URL(postgres.url)
  url.password = ''
  const pool = openPool({ url: url.href, connections: 1, name: 'test', onFault: () => undefined })
  const before = countSockets()
  await expect(pool.query('SELECT 1')).rejects.toThrow('asks for a password')
  await expect.poll(countSockets).toBe(before)
  await pool.end()
})

const countSockets = (): number =>
  process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
