import {
  startPostgres,
  startPostgresProxy,
  startTestServer,
  type TestServer,
} from '@indelible/testkit'
import { afterAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import type { CaptureException } from './monitoring/reporter.ts'
import { startTestApplication } from './testing/start-test-application.ts'

const postgres = await startPostgres()
afterAll(() => postgres[Symbol.asyncDispose]())

/** Of each test, its own. */
let indelible: TestServer

beforeEach(async () => {
  indelible = await startTestServer()
  onTestFinished(async () => indelible[Symbol.asyncDispose]())
})

/** Keeps what the application reports. */
function createCaptures() {
  const captures: Parameters<CaptureException>[] = []
  const captureException: CaptureException = (...capture) => void captures.push(capture)
  return { captures, captureException }
}

test('a fault of ours is reported with its request, and answered without its inside', async () => {
  const { captures, captureException } = createCaptures()
  const databaseUrl = await postgres.createDatabase()
  await using app = await startTestApplication({ databaseUrl, indelible, captureException })
  await app.pool.query('ALTER TABLE user_profiles RENAME COLUMN name TO hidden_detail')

  const answer = await app.ask('GET', '/users', { headers: { 'x-request-id': 'unlucky' } })
  expect(answer.status).toBe(500)
  expect(answer.json).toEqual({
    error: { code: 'internal', message: expect.any(String), request: 'unlucky' },
  })
  expect(answer.text).not.toContain('column')
  expect(captures).toEqual([
    [
      expect.objectContaining({ message: 'column "name" does not exist' }),
      { request: 'unlucky', operator: 'alice' },
    ],
  ])
  const said = app.diagnostics.map((line) => JSON.parse(line))
  expect(said).toContainEqual(
    expect.objectContaining({
      level: 50,
      request: 'unlucky',
      err: expect.objectContaining({ code: '42703', stack: expect.stringContaining('.ts:') }),
    }),
  )
})

test('a refusal is nobody’s fault, and not reported', async () => {
  const { captures, captureException } = createCaptures()
  const databaseUrl = await postgres.createDatabase()
  await using app = await startTestApplication({ databaseUrl, indelible, captureException })
  expect((await app.ask('GET', '/users/1')).status).toBe(404)
  expect((await app.ask('POST', '/users', { body: {} })).status).toBe(400)
  expect(captures).toEqual([])
})

test('a connection that breaks within a transaction costs that request, and nothing else', async () => {
  const databaseUrl = await postgres.createDatabase()
  await using app = await startTestApplication({ databaseUrl, indelible })
  const id = await app.create('Zoë', 'zoe@example.com')
  const blocker = await app.pool.connect()
  await blocker.query('BEGIN')
  await blocker.query('SELECT 1 FROM user_profiles FOR UPDATE')
  const body = { name: 'Zoë Two', email: 'zoe@example.com' }
  const waiting = app.ask('PUT', `/users/${id}`, { body })
  const terminate = async (): Promise<number | null> => {
    const { rowCount } = await app.pool.query(`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`)
    return rowCount
  }
  await expect.poll(terminate).toBe(1)
  const broken = await waiting
  expect(broken.status).toBe(503)
  expect(broken.json.error.code).toBe('database-unavailable')
  await blocker.query('ROLLBACK')
  blocker.release()

  expect((await app.ask('PUT', `/users/${id}`, { body })).json.version).toBe(2)
  const { json } = await app.ask('GET', `/audit?user=${id}`)
  expect(json.entries.map((row: { operation: string }) => row.operation)).toEqual([
    'UPDATE',
    'CREATE',
  ])
})

test('a transaction that PostgreSQL ends to resolve a deadlock runs again, and is recorded once', async () => {
  await using app = await startTestApplication({
    databaseUrl: await postgres.createDatabase(),
    indelible,
  })
  const id = await app.create('Zoë', 'zoe@example.com')
  // A sequence counts on through a rollback.
  await app.pool.query(`
    CREATE SEQUENCE attempt;
    CREATE FUNCTION deadlock() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF nextval('attempt') < 3 THEN RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'; END IF;
      RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER deadlock AFTER UPDATE ON user_profiles
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION deadlock();`)
  const body = { name: 'Zoë Two', email: 'zoe@example.com' }
  expect((await app.ask('PUT', `/users/${id}`, { body })).json.version).toBe(2)
  const { json } = await app.ask('GET', `/audit?user=${id}&operation=UPDATE`)
  expect(json.entries).toHaveLength(1)
  const { rows } = await app.pool.query('SELECT last_value FROM attempt')
  expect(rows).toEqual([{ last_value: '3' }])
})

test('while the database is away the application says so by its status', async () => {
  const { captures, captureException } = createCaptures()
  await using proxy = await startPostgresProxy(await postgres.createDatabase())
  await using app = await startTestApplication({
    databaseUrl: proxy.url,
    indelible,
    captureException,
  })
  expect((await app.ask('GET', '/healthz', { as: 'nobody' })).json).toEqual({ status: 'ok' })
  proxy.close()
  expect((await app.ask('GET', '/healthz', { as: 'nobody' })).status).toBe(503)
  const answer = await app.ask('GET', '/users')
  expect(answer.status).toBe(503)
  expect(answer.json.error.code).toBe('database-unavailable')
  expect(answer.headers.get('retry-after')).toBe('5')
  expect(captures).toHaveLength(1)
})

test('instances that start at once on an empty database all find their tables', async () => {
  const databaseUrl = await postgres.createDatabase()
  const apps = await Promise.all(
    Array.from({ length: 4 }, () => startTestApplication({ databaseUrl, indelible })),
  )
  await using all = new AsyncDisposableStack()
  for (const app of apps) all.use(app)
  for (const [n, app] of apps.entries()) await app.create(`User ${n}`, `u${n}@example.com`)
  for (const app of apps) expect((await app.ask('GET', '/users')).json.users).toHaveLength(4)
})
