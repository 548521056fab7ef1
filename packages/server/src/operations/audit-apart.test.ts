import { getPriority } from 'node:os'
import { join } from 'node:path'
import {
  askDatabase,
  createFilledFolder,
  createTemporaryFolder,
  createTestSeed,
  filledSizes,
  startPostgres,
  startTestServer,
  tamper,
} from '@indelible/testkit'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { advisoryLocks } from '../store/postgres/open.ts'
import { auditApart } from './audit-apart.ts'

/** An audit is of the lowest priority: each thread that computes beside it holds it up. */
const auditMsMax = 120_000
vi.setConfig({ expect: { poll: { timeout: auditMsMax } } })

const inHaste = AbortSignal.abort()
const unheard = {
  haste: inHaste,
  onProgress: () => undefined,
  signal: new AbortController().signal,
}

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

  test('one that rests between its stretches ends as well, and at once when it is told to hurry', async () => {
    const at = { folder: filled.folder }
    const calm = new AbortController()
    const report = await auditApart({ ...unheard, haste: calm.signal, at })
    expect(report?.findings).toEqual([])
    const hurried = auditApart({ ...unheard, haste: calm.signal, at })
    calm.abort()
    expect(await hurried).toEqual(report)
  })

  test('of logs that were audited up to a size, what was there before is not read again', async () => {
    using data = filled.copy()
    const at = { folder: data.path }
    const whole = await auditApart({ ...unheard, at })
    const sizes = new Map(whole?.logs.map(({ origin, size }) => [origin, size]))
    expect(await auditApart({ ...unheard, at, audited: sizes })).toMatchObject({ entries: 0 })
    const changeEntry = (index: number) =>
      tamper(
        data.path,
        `UPDATE entry SET data = '{"n":-1}' WHERE idx = ${index} AND log IN
           (SELECT number FROM log WHERE tenant = 'default')`,
      )
    const origin = whole?.logs.find(({ tenant }) => tenant === 'default')?.origin ?? ''
    const audited = new Map([...sizes, [origin, filledSizes.default - 1]])
    changeEntry(0)
    expect(await auditApart({ ...unheard, at, audited })).toMatchObject({ findings: [] })
    changeEntry(filledSizes.default - 1)
    expect(await auditApart({ ...unheard, at, audited })).toMatchObject({
      // From the last whole tile on: the new entry is compared with the one before it.
      entries: filledSizes.default - 512,
      findings: [{ tenant: 'default', index: filledSizes.default - 1, code: 'entry-changed' }],
    })
    expect((await auditApart({ ...unheard, at }))?.findings).toMatchObject([
      { index: 0, code: 'entry-changed' },
      { index: filledSizes.default - 1, code: 'entry-changed' },
    ])
  })

  test('a log that was cut off behind what was audited of it is found by the audit of its growth', async () => {
    using data = filled.copy()
    const at = { folder: data.path }
    const whole = await auditApart({ ...unheard, at })
    const audited = new Map(whole?.logs.map(({ origin, size }) => [origin, size]))
    tamper(
      data.path,
      `DELETE FROM entry WHERE idx = 599;
       UPDATE log SET size = 599 WHERE tenant = 'default'`,
    )
    const codes = (await auditApart({ ...unheard, at, audited }))?.findings.map(({ code }) => code)
    expect(codes).toEqual(expect.arrayContaining(['checkpoint-ahead', 'guard-ahead']))
  })

  test('it ends when it is told to, wherever it is', async () => {
    const closing = new AbortController()
    const auditing = auditApart({
      at: { folder: filled.folder },
      haste: inHaste,
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
    // Who keeps a result may hear that it is kept a little after others read it.
    const readOwn = async () => (await one.ask('/v1/audits')).json.last
    await expect.poll(readOwn).toEqual(await readLast())
  })

  test('the turn is held for as long as the audit takes', async () => {
    const store = await postgres.createDatabase()
    await using node = await startNode(store)
    await node.post('/v1/events', { action: 'a.b', actor: { id: 'u_1' } })
    const stall = new pg.Client({ connectionString: store })
    await stall.connect()
    await stall.query('BEGIN; LOCK TABLE indelible.entry IN ACCESS EXCLUSIVE MODE')
    const auditing = auditApart({ ...unheard, at: { store }, seedFile })
    // Of this lock, not of any: who signs waits for the table as well.
    const turns = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = $1 AND granted"
    const countTurns = async () => (await stall.query(turns, [advisoryLocks.audit])).rowCount
    await expect.poll(countTurns).toBe(1)
    expect(await auditApart({ ...unheard, at: { store }, seedFile })).toBeUndefined()
    await stall.end()
    expect((await auditing)?.findings).toEqual([])
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
