import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createClient } from '@indelible/client'
import { createOutbox } from '@indelible/client/postgres'
import {
  createRandom,
  createTemporaryFolder,
  readSeed,
  type SpawnedServer,
  spawnServer,
  startPostgres,
  testRootKey,
} from '@indelible/testkit'
import { afterAll, expect, test } from 'vitest'
import { calm, type Front, startFront, storm } from './client/front.ts'
import { createPool } from './outbox/pool.ts'

/** `INDELIBLE_CLIENT_KILLS=50` for the long run. */
const kills = Number(process.env.INDELIBLE_CLIENT_KILLS ?? 12)
/** An application lives for so long after its start, at most. */
const lifeMsMax = 700
/** The service, and the database, are killed and restarted every so many applications. */
const serverKillEvery = 4
const databaseKillEvery = 5

const temporary = createTemporaryFolder()
const folder = join(temporary.path, 'data')
const seed = readSeed()
const random = createRandom(seed)
const postgres = await startPostgres()
const pool = createPool(postgres.url)
await using audit = createClient({ url: 'http://127.0.0.1:1', tenant: 'shop' })
await createOutbox({ audit }).migrate(pool)
await pool.query('CREATE TABLE orders (id text PRIMARY KEY, taken bigserial)')
afterAll(async () => {
  await pool.end()
  await postgres[Symbol.asyncDispose]()
  temporary[Symbol.dispose]()
})

test('what was committed is in the log once, what was rolled back never, whoever is killed', async () => {
  console.info(`outbox-kill.test.ts: INDELIBLE_TEST_SEED=${seed}`)
  await using front = await startFront(random)
  let server = await start(front)
  // One takes over from the other, so that relays meet.
  let previous = await startApplication(front.url, 0)
  for (let run = 1; run <= kills; run += 1) {
    front.weather = storm
    const application = await startApplication(front.url, run)
    await setTimeout(random.whole(lifeMsMax))
    if (run % serverKillEvery === 0) {
      front.behind = undefined
      await server.kill('SIGKILL')
      await setTimeout(random.whole(lifeMsMax))
      server = await start(front)
    }
    if (run % databaseKillEvery === 0) await postgres.restart('immediate')
    await kill(previous)
    previous = application
  }
  await kill(previous)
  await untilOver()
  front.weather = calm
  const left = await relayTheRest(front.url)
  const committed = await readOrders()
  const found = await readAll(server)
  const expected = new Set(committed.ids.flatMap((id) => [`${id}-a`, `${id}-b`]))
  const missing = [...expected.difference(new Set(found))]
  const surplus = found.filter((id) => !expected.has(id))
  expect({ missing, surplus, kept: found.length }).toEqual({
    missing: [],
    surplus: [],
    kept: expected.size,
  })
  expect(committed.ids.length).toBeGreaterThan(kills * 10)
  expect(left).toBeLessThan(found.length)
  expect(committed.taken).toBeGreaterThan(committed.ids.length)
  const figures = { kills, events: found.length, left, ...front.counts }
  console.info(`outbox-kill.test.ts: ${JSON.stringify(figures)}`)
  await server.stop()
})

async function start(front: Front): Promise<SpawnedServer> {
  const server = await spawnServer({ folder })
  front.behind = server.url
  return server
}

/** Resolves when it takes orders. */
async function startApplication(url: string, run: number): Promise<ChildProcess> {
  const script = fileURLToPath(new URL('./outbox/application.ts', import.meta.url))
  const child = spawn(process.execPath, [script, url, testRootKey, postgres.url, `${run}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`The application ended with ${code}.`)
  })
  if (child.stdout === null) throw new Error('The application has no stdout.')
  await Promise.race([once(child.stdout, 'data'), ended])
  ended.catch(() => undefined)
  return child
}

async function kill(application: ChildProcess): Promise<void> {
  // Nothing but this ends it.
  expect(application.exitCode).toBe(null)
  const closed = once(application, 'close')
  application.kill('SIGKILL')
  await closed
}

/** What an application sent before its end, the database may still be at. */
async function untilOver(): Promise<void> {
  const others = `SELECT FROM pg_stat_activity WHERE datname = current_database()
    AND pid <> pg_backend_pid() AND state <> 'idle'`
  await expect.poll(async () => (await pool.query(others)).rowCount).toBe(0)
}

/** @returns how many events nobody had relayed yet */
async function relayTheRest(url: string): Promise<number> {
  await using audit = createClient({ url, key: testRootKey, tenant: 'shop' })
  await using relay = createOutbox({ audit }).relay({ db: pool, pollMs: 20 })
  const { pending } = await relay.stats()
  await relay.flush()
  expect(await relay.stats()).toMatchObject({ pending: 0, rejected: 0 })
  return pending
}

/** What is committed, and how many it would be if nothing had been rolled back. */
async function readOrders(): Promise<{ ids: string[]; taken: number }> {
  const { rows } = await pool.query<{ id: string }>('SELECT id FROM orders')
  const { rows: last } = await pool.query(`SELECT nextval('orders_taken_seq')::int AS taken`)
  return { ids: rows.map(({ id }) => id), taken: last[0].taken - 1 }
}

/** The id of every entry in the log. */
async function readAll(server: SpawnedServer): Promise<string[]> {
  const { text } = await server.ask('/v1/export?tenant=shop')
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).event.id)
}
