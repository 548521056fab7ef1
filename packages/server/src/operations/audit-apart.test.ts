import { getPriority } from 'node:os'
import { join } from 'node:path'
import {
  askDatabase,
  createFilledFolder,
  createTemporaryFolder,
  createTestSeed,
  startPostgres,
  startTestServer,
} from '@indelible/testkit'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { advisoryLocks } from '../store/postgres/open.ts'
import { auditApart } from './audit-apart.ts'

const unheard = { onProgress: () => undefined, signal: new AbortController().signal }

describe('of a folder', () => {
  let filled: Awaited<ReturnType<typeof createFilledFolder>>
  beforeAll(async () => {
    filled = await createFilledFolder()
  })
  afterAll(() => filled[Symbol.dispose]())

  test('it tells how far it has come, up to all of it, and the service keeps its priority', async () => {
    const heard: { readonly done: number; readonly total: number }[] = []
    const at = { folder: filled.folder }
    const before = getPriority()
    const report = await auditApart({ ...unheard, at, onProgress: (one) => heard.push(one) })
    expect(report?.findings).toEqual([])
    // The audit's own is lower; the service's must stay.
    expect(getPriority()).toBe(before)
    expect(heard.at(-1)).toEqual({ done: report?.entries, total: report?.entries })
  })

  test('it ends when it is told to, wherever it is', async () => {
    const closing = new AbortController()
    const auditing = auditApart({
      at: { folder: filled.folder },
      onProgress: () => closing.abort(new Error('enough')),
      signal: closing.signal,
    })
    await expect(auditing).rejects.toThrow('enough')
  })

  test('without data, or with a seed that is not there, it is a fault and no finding', async () => {
    using empty = createTemporaryFolder()
    await expect(auditApart({ ...unheard, at: { folder: empty.path } })).rejects.toThrow(
      /There is no log.db/,
    )
    const seedFile = join(empty.path, 'seed')
    await expect(
      auditApart({ ...unheard, at: { folder: filled.folder }, seedFile }),
    ).rejects.toThrow(/seed/)
  })
})

describe('of a database', async () => {
  const temporary = createTemporaryFolder()
  const seedFile = createTestSeed(temporary.path)
  const postgres = await startPostgres()
  afterAll(async () => {
    await postgres[Symbol.asyncDispose]()
    temporary[Symbol.dispose]()
  })
  const startNode = (databaseUrl: string) =>
    startTestServer({ folder: temporary.path, config: { databaseUrl, seedFile, drainMs: 0 } })

  /** Another node's audit, as the database sees it. */
  async function holdTurn(store: string): Promise<AsyncDisposable> {
    const session = new pg.Client({ connectionString: store })
    await session.connect()
    await session.query('SELECT pg_advisory_lock($1)', [advisoryLocks.audit])
    return { [Symbol.asyncDispose]: () => session.end() }
  }

  test('one node audits at a time, and all of them tell the result', async () => {
    const store = await postgres.createDatabase()
    await using one = await startNode(store)
    await using other = await startNode(store)
    await one.post('/v1/events', { action: 'a.b', actor: { id: 'u_1' } })
    {
      await using _ = await holdTurn(store)
      for (const node of [one, other]) {
        const { status, json } = await node.ask('/v1/audits', { method: 'POST' })
        expect([status, json.running]).toEqual([202, { started: null, progress: null }])
      }
      expect(await auditApart({ ...unheard, at: { store }, seedFile })).toBeUndefined()
    }
    await expect.poll(async () => (await one.ask('/v1/audits')).json.running).toBeNull()
    expect((await one.ask('/v1/audits')).json.last).toBeNull()
    await one.ask('/v1/audits', { method: 'POST' })
    const readLast = async () => (await other.ask('/v1/audits')).json.last
    await expect.poll(readLast).toMatchObject({ ok: true, findings: 0 })
    expect(await readLast()).toEqual((await one.ask('/v1/audits')).json.last)
  })

  test('an entry that was changed there is found by the nodes themselves', async () => {
    const store = await postgres.createDatabase()
    await using node = await startNode(store)
    await node.post('/v1/events', { action: 'a.b', actor: { id: 'u_1' }, data: { paid: 1 } })
    await askDatabase(
      store,
      `UPDATE indelible.entry SET data = '{"paid":2}' WHERE data LIKE '%paid%'`,
    )
    await node.ask('/v1/audits', { method: 'POST' })
    await expect
      .poll(async () => (await node.ask('/v1/audits')).json.last)
      .toMatchObject({ ok: false, found: [{ tenant: 'default', index: 0, code: 'entry-changed' }] })
    expect((await node.ask('/v1/service')).json.store).toMatchObject({ kind: 'postgres' })
  })
})
