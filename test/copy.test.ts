import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { verifyReceipt } from '@indelible/proof'
import {
  type AuditedLog,
  auditData,
  backupData,
  copyData,
  restoreData,
  type StoreAddress,
} from '@indelible/server'
import {
  askDatabase,
  createFilledFolder,
  createTemporaryFolder,
  filledSizes,
  numberedEvents,
  startPostgres,
  startTestServer,
  type TestPostgres,
  type TestServer,
  tamper,
  testAdminPassword,
} from '@indelible/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let filled: Awaited<ReturnType<typeof createFilledFolder>>
let postgres: TestPostgres
beforeAll(async () => {
  filled = await createFilledFolder()
  postgres = await startPostgres()
})
afterAll(async () => {
  filled[Symbol.dispose]()
  await postgres[Symbol.asyncDispose]()
})

const kinds = ['a folder', 'PostgreSQL'] as const
type Kind = (typeof kinds)[number]

/** An empty store and a folder for what its service needs beside it. */
async function createStore(kind: Kind) {
  const temporary = createTemporaryFolder()
  const folder = join(temporary.path, 'store')
  const at: StoreAddress =
    kind === 'a folder' ? { folder } : { store: await postgres.createDatabase() }
  return { at, scratch: temporary.path, [Symbol.dispose]: () => temporary[Symbol.dispose]() }
}

/** Every store here has the seed of the filled folder. */
const seedFile = () => join(filled.folder, 'seed')
const audit = (at: StoreAddress) => auditData({ ...at, seedFile: seedFile() })
const sizeOf = (logs: readonly AuditedLog[], named: string) =>
  logs.find(({ tenant }) => tenant === named)?.size

/** Starts a service on a store. */
function serve(at: StoreAddress, scratch: string): Promise<TestServer> {
  if ('folder' in at) return startTestServer({ folder: at.folder })
  const config = { databaseUrl: at.store, seedFile: seedFile(), drainMs: 0 }
  return startTestServer({ folder: join(scratch, 'unused'), config })
}

describe.each(kinds)('into %s', (kind) => {
  test('a copy has the same logs, passes its audit, and its service starts and goes on', async () => {
    using source = filled.copy()
    using target = await createStore(kind)
    const before = (await auditData({ folder: source.path })).logs
    const report = await copyData({ from: { folder: source.path }, to: target.at })
    expect(report.logs).toEqual(before)
    expect(report.copied).toBe(before.reduce((sum, { size }) => sum + size, 0))
    const audited = await audit(target.at)
    expect(audited.findings).toEqual([])
    expect(audited.logs).toEqual(before)
    await using server = await serve(target.at, target.scratch)
    expect((await server.ask('/readyz')).json).toMatchObject({ signingRefusals: [] })
    const found = await server.ask('/v1/events?actor.id=u_41')
    expect(found.json.entries).toMatchObject([{ index: 41 }])
    const [repeat] = numberedEvents('default', 1, 41)
    const answer = await server.post('/v1/events', repeat)
    expect(answer.json).toMatchObject({ duplicate: true, index: 41 })
  })

  test('users, keys, sessions and receipts of before are good on the other side', async () => {
    using source = filled.copy()
    using target = await createStore(kind)
    await using old = await startTestServer({ folder: source.path })
    const { receipt, vkey, key, token } = await collectEvidence(old)
    await copyData({ from: { folder: source.path }, to: target.at })
    await old.stop()
    await using server = await serve(target.at, target.scratch)
    const log = (await server.ask('/v1/logs/default')).json
    expect(log.vkey).toBe(vkey)
    await expect(verifyReceipt(receipt, [log.vkey])).resolves.toMatchObject({ index: 41 })
    const again = await server.ask('/v1/events/default-41/receipt?tenant=default')
    await expect(verifyReceipt(again.json, [vkey])).resolves.toMatchObject({ index: 41 })
    for (const secret of [key, token]) {
      const headers = { authorization: `Bearer ${secret}` }
      expect((await server.ask('/v1/events?limit=1&tenant=default', { headers })).status).toBe(200)
    }
    const login = { username: 'admin', password: testAdminPassword }
    expect((await server.post('/v1/login', login, { authorization: '' })).status).toBe(200)
  })

  test('while clients append and retry, nothing that was acknowledged is lost, and nothing doubled', async () => {
    using source = filled.copy()
    using target = await createStore(kind)
    const from = { folder: source.path }
    await using old = await startTestServer({ folder: source.path })
    let service: TestServer = old
    const isCopied = { done: false }
    const clients = [0, 1, 2].map((n) => appendUntil(() => service, `live-${n}`, isCopied))
    await copyData({ from, to: target.at })
    const refused = await old.post('/v1/events', numberedEvents('default', 1, 10_000))
    expect(refused.status).toBe(503)
    expect(refused.json.detail).toContain('The logs of this service have moved to ')
    await using server = await serve(target.at, target.scratch)
    service = server
    isCopied.done = true
    const counts = await Promise.all(clients)
    await server.stop()
    const { logs, findings } = await audit(target.at)
    expect(findings).toEqual([])
    expect(counts).toEqual([0, 1, 2].map((n) => sizeOf(logs, `live-${n}`)))
    expect(sizeOf(logs, 'default')).toBe(filledSizes.default)
  })

  test('the source takes nothing more, its service refuses to start, and says where to go', async () => {
    using source = filled.copy()
    using target = await createStore(kind)
    const { to } = await copyData({ from: { folder: source.path }, to: target.at })
    await expect(startTestServer({ folder: source.path })).rejects.toThrow(`have moved to ${to}`)
    const insert = "INSERT INTO admin (kind, id, value) VALUES ('key', 'k', '{}')"
    expect(() => tamper(source.path, insert)).toThrow(`have moved to ${to}`)
    const again = await copyData({ from: { folder: source.path }, to: target.at })
    expect(again).toMatchObject({ copied: 0, to })
    using other = await createStore(kind)
    const elsewhere = copyData({ from: { folder: source.path }, to: other.at })
    await expect(elsewhere).rejects.toThrow(`have moved to ${to}: copy from there`)
    expect(to).not.toMatch(/password|:[^/]*@/)
  })

  test('a copy that was aborted leaves a target that refuses to serve, and goes on where it was', async () => {
    using source = filled.copy()
    using target = await createStore(kind)
    const from = { folder: source.path }
    const aborted = new AbortController()
    const onProgress = () => aborted.abort()
    const copy = copyData({ from, to: target.at, onProgress, signal: aborted.signal })
    await expect(copy).rejects.toThrow(/abort/i)
    await expect(serve(target.at, target.scratch)).rejects.toThrow('is being filled from')
    {
      // The source serves on, and grows.
      await using old = await startTestServer({ folder: source.path })
      expect((await old.post('/v1/events', numberedEvents('default', 5, 900))).status).toBe(201)
    }
    const { copied, logs } = await copyData({ from, to: target.at })
    expect(copied).toBeLessThan(logs.reduce((sum, { size }) => sum + size, 0))
    expect(sizeOf(logs, 'default')).toBe(filledSizes.default + 5)
    expect((await audit(target.at)).findings).toEqual([])
  })

  test('a copy that was killed after the source was marked only has its target to open', async () => {
    using source = filled.copy()
    using target = await createStore(kind)
    const from = { folder: source.path }
    await copyData({ from, to: target.at })
    await markAsFilling(target.at, source.path)
    await expect(serve(target.at, target.scratch)).rejects.toThrow('is being filled from')
    expect(await copyData({ from, to: target.at })).toMatchObject({ copied: 0 })
    await using server = await serve(target.at, target.scratch)
    expect((await server.ask('/readyz')).json).toMatchObject({ signingRefusals: [] })
  })

  test.each([
    ['an entry', `UPDATE entry SET data = '{"n":0}' WHERE idx = 50`, 'Entry 50 of "acme"'],
    ['a head', `UPDATE log SET edge = zeroblob(length(edge)) WHERE tenant = 'acme'`, 'of "acme"'],
    ['a checkpoint', `UPDATE checkpoint SET note = replace(note, '300', '299')`, 'does not pass'],
    ['the end', `UPDATE log SET size = 0, edge = x'' WHERE tenant = 'acme'`, 'acme'],
  ])('a source where %s was changed is refused, and left as it is', async (_, sql, sentence) => {
    using source = filled.copy()
    using target = await createStore(kind)
    tamper(source.path, sql)
    const copy = copyData({ from: { folder: source.path }, to: target.at })
    await expect(copy).rejects.toThrow(sentence)
    await expect(serve(target.at, target.scratch)).rejects.toThrow('is being filled from')
    await using old = await startTestServer({ folder: source.path })
    expect((await old.ask('/healthz')).status).toBe(200)
  })

  test('there and back again gives the same roots, and what came meanwhile is there', async () => {
    using source = filled.copy()
    using target = await createStore(kind)
    const home = { folder: source.path }
    const before = (await auditData(home)).logs
    await copyData({ from: home, to: target.at })
    {
      await using server = await serve(target.at, target.scratch)
      expect((await server.post('/v1/events', numberedEvents('default', 5, 900))).status).toBe(201)
      await server.ask('/v1/events/default-904/receipt?tenant=default')
    }
    const back = await copyData({ from: target.at, to: home, seedFile: seedFile() })
    expect(back.copied).toBeLessThan(100)
    await expect(serve(target.at, target.scratch)).rejects.toThrow(`have moved to ${source.path}`)
    const { logs, findings } = await auditData(home)
    expect(findings).toEqual([])
    const rootsOf = (found: readonly AuditedLog[]) => found.find(({ tenant }) => tenant === 'acme')
    expect(rootsOf(logs)).toEqual(rootsOf(before))
    expect(sizeOf(logs, 'default')).toBe(filledSizes.default + 5)
    await using server = await startTestServer(home)
    expect((await server.ask('/readyz')).json).toMatchObject({ signingRefusals: [] })
    expect((await server.ask('/v1/events?actor.id=u_904')).json.entries).toHaveLength(1)
  })

  test('logs that have ended are taken along, with the ids that lead to them', async () => {
    using source = filled.copy()
    using target = await createStore(kind)
    const backup = join(target.scratch, 'backup')
    await backupData({ folder: source.path, target: backup })
    await restoreData({ backup, folder: source.path, newGeneration: true })
    await copyData({ from: { folder: source.path }, to: target.at })
    expect((await audit(target.at)).findings).toEqual([])
    await using server = await serve(target.at, target.scratch)
    const [kept] = numberedEvents('default', 1, 41)
    const repeat = await server.post('/v1/events', kept)
    expect(repeat.json).toMatchObject({ duplicate: true, tenant: 'default.1', index: 41 })
    const found = await server.ask('/v1/events?tenant=default.1&actor.id=u_41')
    expect(found.json.entries).toMatchObject([{ tenant: 'default.1', index: 41 }])
  })

  test('a store that has logs of its own is no target, and is left as it is', async () => {
    using source = filled.copy()
    using target = await createStore(kind)
    if ('folder' in target.at) {
      mkdirSync(target.at.folder)
      cpSync(seedFile(), join(target.at.folder, 'seed'))
    }
    {
      await using other = await serve(target.at, target.scratch)
      await other.post('/v1/events', numberedEvents('acme', 3))
    }
    const copy = copyData({ from: { folder: source.path }, to: target.at })
    await expect(copy).rejects.toThrow('has logs of its own')
    await using other = await serve(target.at, target.scratch)
    expect((await other.ask('/v1/logs/acme')).json).toMatchObject({ size: 3 })
    await using old = await startTestServer({ folder: source.path })
    expect((await old.ask('/healthz')).status).toBe(200)
  })
})

test('a database is left while two nodes append to it, and nothing is lost or doubled', async () => {
  using source = filled.copy()
  using shared = await createStore('PostgreSQL')
  using target = await createStore('a folder')
  await copyData({ from: { folder: source.path }, to: shared.at })
  await using node = await serve(shared.at, shared.scratch)
  await using other = await serve(shared.at, shared.scratch)
  let moved: TestServer | undefined
  const isCopied = { done: false }
  const clients = [0, 1, 2, 3].map((n) =>
    appendUntil(() => moved ?? (n % 2 === 0 ? node : other), `live-${n % 3}-${n}`, isCopied),
  )
  const { to } = await copyData({ from: shared.at, to: target.at, seedFile: seedFile() })
  for (const left of [node, other]) {
    const refused = await left.post('/v1/events', numberedEvents('default', 1, 10_000))
    expect(refused.status).toBe(503)
    expect(refused.json.detail).toContain(`have moved to ${to}`)
  }
  await using server = await startTestServer({ folder: to, config: { seedFile: seedFile() } })
  moved = server
  isCopied.done = true
  const counts = await Promise.all(clients)
  await server.stop()
  const { logs, findings } = await audit(target.at)
  expect(findings).toEqual([])
  expect(counts).toEqual([0, 1, 2, 3].map((n) => sizeOf(logs, `live-${n % 3}-${n}`)))
})

test.each(kinds)(
  'of two copies out of one store at once, into %s each, one only is the way on',
  async (kind) => {
    using source = filled.copy()
    using shared = await createStore('PostgreSQL')
    await copyData({ from: { folder: source.path }, to: shared.at })
    using one = await createStore(kind)
    using other = await createStore(kind)
    const copies = await Promise.allSettled(
      [one, other].map(({ at }) => copyData({ from: shared.at, to: at, seedFile: seedFile() })),
    )
    const failures = copies.flatMap((copy) => (copy.status === 'rejected' ? [copy.reason] : []))
    expect(failures).toHaveLength(1)
    expect(String(failures[0])).toContain('have moved to')
    const lost = copies[0]?.status === 'rejected' ? one : other
    await expect(serve(lost.at, lost.scratch)).rejects.toThrow('is being filled')
  },
)

test('a folder whose target was lost goes on in a new generation, and in no other way', async () => {
  using source = filled.copy()
  using target = await createStore('a folder')
  using temporary = createTemporaryFolder()
  const from = { folder: source.path }
  await copyData({ from, to: target.at })
  const backup = join(temporary.path, 'backup')
  await backupData({ ...from, target: backup })
  await restoreData({ ...from, backup })
  await expect(startTestServer(from)).rejects.toThrow('have moved to')
  await restoreData({ ...from, backup, newGeneration: true })
  await using server = await startTestServer(from)
  expect((await server.ask('/v1/logs/default.1')).json).toMatchObject({ size: filledSizes.default })
  expect((await server.post('/v1/events', numberedEvents('default', 1, 900))).status).toBe(201)
})

test.each(kinds)(
  'a copy into %s that is killed at any moment goes on, and ends with the same logs',
  async (kind) => {
    using source = filled.copy()
    using target = await createStore(kind)
    const before = (await auditData({ folder: source.path })).logs
    const to = 'store' in target.at ? target.at.store : target.at.folder
    let isDone = false
    // Longer each time, so that every step of it has its turn to be the last.
    for (let lifeMs = 150; !isDone; lifeMs *= 1.3) {
      const child = startCopy(['--from', source.path, '--to', to])
      const closed = once(child, 'close')
      const timer = setTimeout(() => child.kill('SIGKILL'), lifeMs)
      const [code] = await closed
      clearTimeout(timer)
      isDone = code === 0
      expect([0, null]).toContain(code)
    }
    const { logs, findings } = await audit(target.at)
    expect(findings).toEqual([])
    expect(logs).toEqual(before)
  },
)

test.each([
  ['was signed with another tree', 'edge = zeroblob(length(edge))', 'guard-forked'],
  ['was signed further than it goes', 'size = 999', 'guard-ahead'],
  ['has lost its guard', "origin = 'x'", 'its guard is missing'],
])('a source that %s is not moved', async (_, change, code) => {
  using source = filled.copy()
  using target = await createStore('a folder')
  tamper(source.path, `UPDATE guard SET ${change} WHERE tenant = 'acme'`, 'guard.db')
  await expect(copyData({ from: { folder: source.path }, to: target.at })).rejects.toThrow(code)
  await using old = await startTestServer({ folder: source.path })
  expect((await old.ask('/v1/logs/default')).status).toBe(200)
})

test('the right seed is asked for before anything is copied', async () => {
  using source = filled.copy()
  using target = await createStore('a folder')
  using other = await createFilledFolder()
  const from = { folder: source.path }
  const foreign = copyData({ from, to: target.at, seedFile: join(other.folder, 'seed') })
  await expect(foreign).rejects.toThrow('is not the one that the log of')
  rmSync(join(source.path, 'seed'))
  await expect(copyData({ from, to: target.at })).rejects.toThrow('name it with --seed-file')
  await copyData({ from, to: target.at, seedFile: seedFile() })
  // It was named, so it is kept where it was.
  expect('folder' in target.at && existsSync(join(target.at.folder, 'seed'))).toBe(false)
})

test('a folder whose service runs is no target', async () => {
  using source = filled.copy()
  await using running = await startTestServer()
  const copy = copyData({
    from: { folder: source.path },
    to: { folder: running.folder },
    seedFile: seedFile(),
  })
  await expect(copy).rejects.toThrow(/is another seed|Another Indelible process/)
})

/** What a kill leaves between the two commits: the source is marked, and the target still is. */
async function markAsFilling(at: StoreAddress, source: string): Promise<void> {
  using log = new DatabaseSync(join(source, 'log.db'), { readOnly: true })
  const moved = String(log.prepare('SELECT mark FROM move').get()?.mark)
  const mark = moved.replace('"moved"', '"filling"')
  if ('folder' in at) {
    const sql = `CREATE TABLE move (mark TEXT NOT NULL) STRICT; INSERT INTO move VALUES ('${mark}')`
    return tamper(at.folder, sql)
  }
  await askDatabase(at.store, `UPDATE indelible.instance SET move = '${mark}'`)
}

/** What a client keeps of a service. */
async function collectEvidence(server: TestServer) {
  const created = await server.post('/v1/keys', {
    name: 'reader',
    scopes: ['read'],
    tenants: ['default'],
  })
  const login = { username: 'admin', password: testAdminPassword }
  return {
    receipt: (await server.ask('/v1/events/default-41/receipt?tenant=default')).json,
    vkey: (await server.ask('/v1/logs/default')).json.vkey,
    key: created.json.key,
    token: (await server.post('/v1/login', login, { authorization: '' })).json.token,
  }
}

/**
 * Appends to a log, one event after the other, sending each until it is acknowledged, until some
 * were after the copy was done. @returns how many were
 */
async function appendUntil(
  service: () => TestServer,
  tenant: string,
  isCopied: { readonly done: boolean },
): Promise<number> {
  let count = 0
  for (let left = 5; left > 0; left -= isCopied.done ? 1 : 0) {
    const [event] = numberedEvents(tenant, 1, count)
    const { status } = await service().post('/v1/events', event)
    if (status === 201 || status === 200) count++
    else expect(status).toBe(503)
  }
  return count
}

function startCopy(words: readonly string[]): ChildProcess {
  const main = join(import.meta.dirname, '../packages/cli/src/main.ts')
  return spawn(process.execPath, [main, 'copy', ...words], { stdio: 'ignore' })
}
