import { startPostgres, startTestServer, type TestServer } from '@indelible/testkit'
import { afterAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { startTestApplication, type TestApplication } from './testing/start-test-application.ts'
import type { ChangeRow } from './trail/read-changes.ts'

const postgres = await startPostgres()
afterAll(() => postgres[Symbol.asyncDispose]())

/** Of each test, its own. */
let indelible: TestServer
let app: TestApplication

beforeEach(async () => {
  indelible = await startTestServer()
  app = await startTestApplication({ databaseUrl: await postgres.createDatabase(), indelible })
  onTestFinished(async () => {
    await app[Symbol.asyncDispose]()
    await indelible[Symbol.asyncDispose]()
  })
})

const readTrail = async (query = ''): Promise<ChangeRow[]> => {
  const { status, json, text } = await app.ask('GET', `/audit?limit=100${query}`)
  if (status !== 200) throw new Error(text)
  return json.entries
}

/** Everything that Indelible has, whoever recorded it. */
const readLog = async () => (await indelible.ask('/v1/events?order=asc&limit=1000')).json.entries

const put = (id: string, name: string, email: string, as: 'alice' | 'bob' = 'alice') =>
  app.ask('PUT', `/users/${id}`, { body: { name, email }, as })

describe('a change', () => {
  test('is told with its operation, who did it, and the data before and after', async () => {
    const id = await app.create('Zoë', 'zoe@example.com')
    await put(id, 'Zoë Example', 'zoe@example.com', 'bob')
    await app.ask('DELETE', `/users/${id}`, { headers: { 'x-request-id': 'the-end' } })

    const [deleted, updated, created] = await readTrail(`&user=${id}`)
    expect(created).toMatchObject({
      operation: 'CREATE',
      outcome: 'success',
      actor: { type: 'user', id: 'alice' },
      user_id: id,
      previous_data: null,
      new_data: { name: 'Zoë', email: 'zoe@example.com' },
      ip: '127.0.0.1',
    })
    expect(updated).toMatchObject({
      operation: 'UPDATE',
      actor: { id: 'bob' },
      previous_data: { name: 'Zoë', email: 'zoe@example.com' },
      new_data: { name: 'Zoë Example', email: 'zoe@example.com' },
      patch: [{ op: 'replace', path: '/name', value: 'Zoë Example' }],
    })
    expect(deleted).toMatchObject({
      operation: 'DELETE',
      previous_data: { name: 'Zoë Example', email: 'zoe@example.com' },
      new_data: null,
      request: 'the-end',
    })
  })

  test('has one event, though the middleware watches the request, too', async () => {
    const id = await app.create('Zoë', 'zoe@example.com')
    await app.ask('GET', `/users/${id}`)
    await app.ask('GET', '/users')
    await put(id, 'Zoë Two', 'zoe@example.com')
    await readTrail()
    const actions = (await readLog()).map(
      ({ event }: { event: { action: string } }) => event.action,
    )
    expect(actions).toEqual(['user.created', 'user.updated'])
  })

  test('that replaces nothing is none: no version, no event', async () => {
    const id = await app.create('Zoë', 'zoe@example.com')
    expect((await put(id, 'Zoë', 'zoe@example.com')).json.version).toBe(1)
    expect(await readTrail()).toHaveLength(1)
  })

  test('that is rolled back at the last moment leaves no event but the failure', async () => {
    await app.pool.query(`
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'refused at COMMIT'; END $$;
      CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON user_profiles
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.name = 'Doomed')
        EXECUTE FUNCTION refuse();`)
    const body = { name: 'Doomed', email: 'doomed@example.com' }
    expect((await app.ask('POST', '/users', { body })).status).toBe(500)
    const id = await app.create('Blessed', 'blessed@example.com')
    expect((await readTrail()).map(({ user_id }) => user_id)).toEqual([id])
    await expect
      .poll(() => readTrail('&outcome=failure'))
      .toMatchObject([{ operation: 'CREATE', actor: { id: 'alice' }, new_data: null }])
  })

  test('is in the log once, in order, though Indelible was away when it was made', async () => {
    const id = await app.create('Version 1', 'v@example.com')
    await readTrail()
    await indelible.stop()
    for (let n = 2; n <= 5; n += 1) {
      expect((await put(id, `Version ${n}`, 'v@example.com')).status).toBe(200)
    }
    const away = await app.ask('GET', '/audit')
    expect(away.status).toBe(503)
    expect(away.json.error.code).toBe('trail-unavailable')
    expect(away.headers.get('retry-after')).toBe('5')

    await using _again = await startTestServer({
      folder: indelible.folder,
      config: { port: Number(new URL(indelible.url).port) },
    })
    await expect.poll(() => readTrail().catch(() => [])).toHaveLength(5)
    const names = (await readTrail()).map(({ new_data }) => new_data)
    expect(names).toMatchObject([5, 4, 3, 2, 1].map((n) => ({ name: `Version ${n}` })))
  })

  test('one of fifty at once, continues where the one before ended', async () => {
    const id = await app.create('Change 0', 'c@example.com')
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        app.askPatiently('PUT', `/users/${id}`, {
          body: { name: `Change ${n + 1}`, email: 'c@example.com' },
          as: n % 2 === 0 ? 'alice' : 'bob',
        }),
      ),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200))
    const trail = (await readTrail(`&user=${id}`)).toReversed()
    expect(trail).toHaveLength(51)
    for (const [n, change] of trail.entries()) {
      expect(change.previous_data).toEqual(trail[n - 1]?.new_data ?? null)
    }
    const { json } = await app.ask('GET', `/users/${id}`)
    expect(trail.at(-1)?.new_data).toEqual({ name: json.name, email: json.email })
    for (const { actor, new_data } of trail.slice(1)) {
      const n = Number(/\d+$/.exec((new_data as { name: string }).name)?.[0])
      expect(actor).toMatchObject({ id: n % 2 === 1 ? 'alice' : 'bob' })
    }
  })
})

describe('what is refused', () => {
  test('is on record with who tried and why not, outside of any transaction', async () => {
    const id = await app.create('Zoë', 'zoe@example.com')
    const body = { name: 'Zoë', email: 'zoe@example.com' }
    await app.ask('POST', '/users', { body, as: 'bob' })
    await app.ask('DELETE', `/users/${id}`, { as: 'nobody' })
    await expect
      .poll(() => readTrail('&outcome=failure'))
      .toMatchObject([{ operation: 'CREATE', actor: { id: 'bob' }, user_id: null }])
    await expect
      .poll(() => readTrail('&outcome=denied'))
      .toMatchObject([{ operation: 'DELETE', actor: { type: 'anonymous' }, user_id: id }])
    expect(await readTrail()).toHaveLength(1)
  })

  test('brings no key, and no body, into the log or the diagnostics', async () => {
    const secret = 'Bearer not-a-key-but-a-typo-of-one'
    await app.ask('PUT', '/users/1', {
      as: 'nobody',
      headers: { authorization: secret },
      body: { name: 'Hidden Person', email: 'hidden@example.com', password: 'hunter2-hunter2' },
    })
    await app.ask('POST', '/users', { body: { name: 'Hidden Person', email: 'hidden', x: 1 } })
    await app.create('Known Person', 'known@example.com')
    await expect.poll(async () => (await readLog()).length).toBe(3)
    const log = JSON.stringify(await readLog())
    const diagnostics = app.diagnostics.join('')
    for (const hidden of ['typo-of-one', 'Bearer', 'hidden', 'Hidden', 'hunter2']) {
      expect(log).not.toContain(hidden)
      expect(diagnostics).not.toContain(hidden)
    }
    expect(log).toContain('known@example.com')
    expect(diagnostics).not.toContain('known')
    expect(diagnostics).not.toContain('Known')
    expect(app.diagnostics.map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({ method: 'POST', route: '/users', status: 201, operator: 'alice' }),
    )
  })
})

describe('the trail', () => {
  test('is filtered by user, operator, operation and date, alone and together', async () => {
    const one = await app.create('One', 'one@example.com')
    const two = await app.create('Two', 'two@example.com')
    await put(one, 'One B', 'one@example.com', 'bob')
    await put(two, 'Two B', 'two@example.com', 'alice')
    await app.ask('DELETE', `/users/${two}`, { as: 'bob' })

    const all = await readTrail()
    expect(all).toHaveLength(5)
    const pick = (isPicked: (row: ChangeRow) => boolean) => all.filter(isPicked)
    const actorOf = ({ actor }: ChangeRow) => (actor as { id: string }).id
    expect(await readTrail(`&user=${two}`)).toEqual(pick((row) => row.user_id === two))
    expect(await readTrail('&actor=bob')).toEqual(pick((row) => actorOf(row) === 'bob'))
    expect(await readTrail('&operation=update')).toEqual(pick((row) => row.operation === 'UPDATE'))
    expect(await readTrail(`&user=${two}&actor=bob&operation=DELETE`)).toEqual(
      pick((row) => row.user_id === two && row.operation === 'DELETE'),
    )
    expect(await readTrail('&user=4711')).toEqual([])

    const middle = all[2]?.time ?? ''
    expect(await readTrail(`&since=${middle}`)).toEqual(pick((row) => row.time >= middle))
    expect(await readTrail(`&until=${middle}`)).toEqual(pick((row) => row.time < middle))
    expect(await readTrail(`&since=${middle}&until=${middle}`)).toEqual([])
    expect(await readTrail('&until=2020-01-01')).toEqual([])
    expect(await readTrail('&since=2020-01-01')).toHaveLength(5)
  })

  test('is read in pages, newest first, each change once though more are made meanwhile', async () => {
    const id = await app.create('Page 0', 'page@example.com')
    for (let n = 1; n <= 6; n += 1) await put(id, `Page ${n}`, 'page@example.com')
    const names: unknown[] = []
    let cursor: string | null = ''
    for (let page = 0; cursor !== null; page += 1) {
      const query: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`
      const { json } = await app.ask('GET', `/audit?limit=3&user=${id}${query}`)
      names.push(...json.entries.map((row: { new_data: { name: string } }) => row.new_data.name))
      await put(id, `Later ${page}`, 'page@example.com')
      cursor = json.next
    }
    expect(names).toEqual([6, 5, 4, 3, 2, 1, 0].map((n) => `Page ${n}`))
  })

  test('has the change that was answered just before', async () => {
    for (let n = 0; n < 10; n += 1) {
      const id = await app.create(`User ${n}`, `u${n}@example.com`)
      expect((await readTrail())[0]?.user_id).toBe(id)
    }
  })
})
