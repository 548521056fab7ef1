import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { verifyReceipt } from '@indelible/proof'
import {
  auditData,
  backupData,
  copyData,
  DatabaseOutOfReachError,
  migrateData,
  reindexData,
  restoreData,
} from '@indelible/server'
import {
  askDatabase,
  createFilledFolder,
  createTemporaryFolder,
  numberedEvents,
  startPostgres,
  startTestServer,
  type TestPostgres,
  type TestServer,
  testAdminPassword,
} from '@indelible/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'

/** The operator's commands on a database with the logs of the filled folder. */

let filled: Awaited<ReturnType<typeof createFilledFolder>>
let postgres: TestPostgres
/** Changed by no test. */
let store: string
beforeAll(async () => {
  filled = await createFilledFolder()
  postgres = await startPostgres()
  store = await createFilledDatabase()
})
afterAll(async () => {
  filled[Symbol.dispose]()
  await postgres[Symbol.asyncDispose]()
})

const seedFile = () => join(filled.folder, 'seed')

/** A database of a test's own. @returns its URL */
async function createFilledDatabase(): Promise<string> {
  using source = filled.copy()
  const to = await postgres.createDatabase()
  await copyData({ from: { folder: source.path }, to: { store: to } })
  return to
}

const tamper = (url: string, sql: string): Promise<unknown[]> =>
  askDatabase(url, `SET search_path = indelible; ${sql}`)

async function serve(url: string): Promise<AsyncDisposable & TestServer> {
  const temporary = createTemporaryFolder()
  const server = await startTestServer({
    folder: temporary.path,
    config: { databaseUrl: url, seedFile: seedFile(), drainMs: 0 },
  })
  return {
    ...server,
    async [Symbol.asyncDispose]() {
      await server.stop()
      temporary[Symbol.dispose]()
    },
  }
}

test('an audit reads a database beside a running node, and names what was changed in it', async () => {
  const url = await createFilledDatabase()
  await using server = await serve(url)
  await server.post('/v1/events', numberedEvents('default', 1, 5_000))
  expect((await auditData({ store: url, seedFile: seedFile() })).findings).toEqual([])
  await tamper(url, `UPDATE entry SET data = '{"n":0}' WHERE tenant = 'acme' AND idx = 41`)
  const { findings } = await auditData({ store: url, seedFile: seedFile() })
  expect(findings).toMatchObject([{ tenant: 'acme', index: 41, code: 'entry-changed' }])
})

test('a database that was rolled back is found by its guard', async () => {
  const url = await createFilledDatabase()
  await tamper(url, `UPDATE indelible_guard.guard SET size = 700 WHERE tenant = 'default'`)
  const { findings } = await auditData({ store: url, seedFile: seedFile() })
  expect(findings).toMatchObject([{ tenant: 'default', code: 'guard-ahead' }])
})

test('a guard whose hashes fit no tree is a finding, not the end of the audit', async () => {
  const url = await createFilledDatabase()
  await tamper(url, `UPDATE indelible_guard.guard SET edge = edge || edge WHERE tenant = 'acme'`)
  const { findings } = await auditData({ store: url, seedFile: seedFile() })
  expect(findings).toMatchObject([{ tenant: 'acme', code: 'guard-forked' }])
})

test('a database that restarts in mid-audit is waited for, and no finding', async () => {
  let restarted: Promise<void> | undefined
  const onProgress = () => {
    restarted ??= postgres.restart('immediate')
  }
  const report = await auditData({ store, seedFile: seedFile(), onProgress })
  await restarted
  expect(report.findings).toEqual([])
  expect(report.entries).toBeGreaterThan(900)
})

test('a database that restarts in mid-copy costs time at most: what was copied is whole', async () => {
  using source = filled.copy()
  const url = await postgres.createDatabase()
  let restarted: Promise<void> | undefined
  const onProgress = () => {
    restarted ??= postgres.restart('immediate')
  }
  const copy = () =>
    copyData({ from: { folder: source.path }, to: { store: url }, onProgress }).then(
      () => true,
      (error) => {
        // Sessions that only read end with it; the command says so, and is run again.
        expect(error).toBeInstanceOf(DatabaseOutOfReachError)
        return false
      },
    )
  const isDone = await copy()
  await restarted
  expect(isDone || (await copy())).toBe(true)
  const { findings, logs } = await auditData({ store: url, seedFile: seedFile() })
  expect(findings).toEqual([])
  expect(logs).toEqual((await auditData({ folder: filled.folder })).logs)
})

test('a database out of reach is said to be, and is no finding', async () => {
  const url = 'postgres://nobody@127.0.0.1:1/audit'
  const audit = auditData({ store: url, seedFile: seedFile() })
  await expect(audit).rejects.toThrow(DatabaseOutOfReachError)
  await expect(audit).rejects.toThrow(/^postgres:\/\/127\.0\.0\.1:1\/audit can't be reached/)
})

test('a database is moved to another, with its guard in a third', async () => {
  const [from, to, guard] = [
    await createFilledDatabase(),
    await postgres.createDatabase(),
    await postgres.createDatabase(),
  ]
  const before = (await auditData({ store: from, seedFile: seedFile() })).logs
  await copyData({ from: { store: from }, to: { store: to, guard }, seedFile: seedFile() })
  const { logs, findings } = await auditData({ store: to, guard, seedFile: seedFile() })
  expect({ logs, findings }).toEqual({ logs: before, findings: [] })
  await expect(serve(from)).rejects.toThrow('have moved to')
  const insert = `INSERT INTO admin (kind, id, value) VALUES ('key', 'k', '{}')`
  await expect(tamper(from, insert)).rejects.toThrow('have moved to')
  const without = await auditData({ store: to, seedFile: seedFile() })
  expect(new Set(without.findings.map(({ code }) => code))).toEqual(new Set(['guard-missing']))
})

test('a backup of a database is a folder that passes its audit, and is one of a service too', async () => {
  using temporary = createTemporaryFolder()
  const target = join(temporary.path, 'backup')
  const manifest = await backupData({ store, target, seedFile: seedFile() })
  const audited = await auditData({ folder: target, seedFile: seedFile() })
  expect(audited.findings).toEqual([])
  expect(audited.logs).toEqual((await auditData({ store, seedFile: seedFile() })).logs)
  expect(manifest.logs.map(({ tenant }) => tenant)).toEqual(['_system', 'acme', 'default'])
  expect(manifest.logs.every(({ checkpoint }) => checkpoint !== null)).toBe(true)
  expect(existsSync(join(target, 'seed'))).toBe(false)
  const folder = join(temporary.path, 'data')
  await restoreData({ backup: target, folder, seedFile: seedFile(), adoptGuard: true })
  await using server = await startTestServer({ folder, config: { seedFile: seedFile() } })
  expect((await server.ask('/readyz')).json).toMatchObject({ signingRefusals: [] })
})

test('a backup taken while a node appends passes its audit, and holds what was acknowledged before', async () => {
  using temporary = createTemporaryFolder()
  const url = await createFilledDatabase()
  await using server = await serve(url)
  await server.post('/v1/events', numberedEvents('default', 50, 5_000))
  let isDone = false
  const appending = (async () => {
    for (let n = 6_000; !isDone; n++) {
      await server.post('/v1/events', numberedEvents('default', 1, n))
    }
  })()
  const target = join(temporary.path, 'backup')
  const backup = backupData({ store: url, target, seedFile: seedFile() }).finally(() => {
    isDone = true
  })
  const [{ logs }] = await Promise.all([backup, appending])
  expect((await auditData({ folder: target, seedFile: seedFile() })).findings).toEqual([])
  expect(logs.find(({ tenant }) => tenant === 'default')?.size).toBeGreaterThanOrEqual(650)
})

test('a backup is restored into an empty database, whose nodes go on where it ends', async () => {
  using temporary = createTemporaryFolder()
  const backup = join(temporary.path, 'backup')
  await backupData({ store, target: backup, seedFile: seedFile() })
  const into = await postgres.createDatabase()
  const restore = { store: into, backup, seedFile: seedFile() }
  await expect(restoreData(restore)).rejects.toThrow(/no guard.*--adopt-guard/s)
  const { logs } = await restoreData({ ...restore, adoptGuard: true })
  const audited = await auditData({ store: into, seedFile: seedFile() })
  expect(audited).toMatchObject({ findings: [], logs })
  await expect(restoreData({ ...restore, adoptGuard: true })).rejects.toThrow('has logs')
  await using server = await serve(into)
  expect((await server.ask('/readyz')).json).toMatchObject({ signingRefusals: [] })
  const { vkey } = (await server.ask('/v1/logs/default')).json
  const receipt = (await server.ask('/v1/events/default-41/receipt?tenant=default')).json
  await expect(verifyReceipt(receipt, [vkey])).resolves.toMatchObject({ index: 41 })
})

test('a backup older than what the database’s guard remembers is refused', async () => {
  using temporary = createTemporaryFolder()
  const url = await createFilledDatabase()
  const backup = join(temporary.path, 'backup')
  await backupData({ store: url, target: backup, seedFile: seedFile() })
  {
    await using server = await serve(url)
    await server.post('/v1/events', numberedEvents('default', 10, 5_000))
    await server.ask('/v1/events/default-5009/receipt?tenant=default')
  }
  await tamper(url, 'DROP SCHEMA indelible CASCADE')
  const restore = { store: url, backup, seedFile: seedFile(), adoptGuard: true }
  await expect(restoreData(restore)).rejects.toThrow(/default.*size 610.*ends at 600/s)
  const another = restoreData({ ...restore, newGeneration: true })
  await expect(another).rejects.toThrow('restore into one with --new-generation')
})

test('reindexing a database corrects what is indexed wrongly, and nothing else', async () => {
  const url = await createFilledDatabase()
  await tamper(url, `UPDATE entry SET tokens = '{}' WHERE tenant = 'acme' AND idx < 10`)
  await using server = await serve(url)
  const find = async () => (await server.ask('/v1/events?tenant=acme&actor.id=u_7')).json.entries
  expect(await find()).toEqual([])
  const options = { store: url, seedFile: seedFile() }
  expect(await reindexData(options)).toMatchObject({ corrected: 10 })
  expect(await find()).toMatchObject([{ tenant: 'acme', index: 7 }])
  expect(await reindexData(options)).toMatchObject({ corrected: 0 })
  // The span of a log's times bounds what a search of some days asks for.
  const span = "SELECT first_time, last_time FROM indelible.log WHERE tenant = 'acme'"
  const wanted = await askDatabase(url, span)
  await tamper(url, `UPDATE log SET first_time = last_time, last_time = 0 WHERE tenant = 'acme'`)
  await reindexData(options)
  expect(await askDatabase(url, span)).toEqual(wanted)
  await expect(reindexData({ store: url })).rejects.toThrow('--seed-file')
})

test('a new database is migrated once, however many begin at once, and can be asked how far it is', async () => {
  const url = await postgres.createDatabase()
  const { known } = await migrateData({ store: url, checkOnly: true })
  expect(known).toBeGreaterThan(0)
  const reports = await Promise.all([1, 2, 3].map(() => migrateData({ store: url })))
  expect(reports.map(({ found }) => found).sort()).toEqual([0, known, known])
  expect(await migrateData({ store: url, checkOnly: true })).toMatchObject({ found: known })
})

test('a folder is migrated and asked like a database', async () => {
  using copy = filled.copy()
  rmSync(join(copy.path, 'index.db'), { force: true })
  const { found, known, store: name } = await migrateData({ folder: copy.path })
  expect([found, name]).toEqual([known, copy.path])
  expect(await migrateData({ folder: copy.path, checkOnly: true })).toMatchObject({ found, known })
})

/** The statements of a page of docs/how-to, under a heading. */
function readStatements(heading: string, page = 'distribute-by-tenant.md'): string {
  const path = join(import.meta.dirname, '../docs/how-to', page)
  const [, section = ''] = readFileSync(path, 'utf8').split(`## ${heading}\n`)
  const [, statements = ''] = /```sql\n(.*?)```/s.exec(section) ?? []
  return statements
}

test('tables that are divided by tenant, as the documentation says, keep and find everything', async () => {
  using source = filled.copy()
  const url = await postgres.createDatabase()
  await migrateData({ store: url })
  const statements = readStatements('On one server: partitions')
  expect(statements).toContain('PARTITION BY HASH (tenant)')
  await tamper(url, statements)
  await copyData({ from: { folder: source.path }, to: { store: url } })
  await using server = await serve(url)
  const events = [...numberedEvents('default', 20, 5_000), ...numberedEvents('third', 20)]
  expect((await server.post('/v1/events', events)).status).toBe(201)
  expect((await server.post('/v1/events', events)).json.entries).toContainEqual(
    expect.objectContaining({ duplicate: true, tenant: 'third', index: 7 }),
  )
  const found = await server.ask('/v1/events?tenant=*&actor.id=u_7')
  expect(found.json.entries).toHaveLength(3)
  expect((await auditData({ store: url, seedFile: seedFile() })).findings).toEqual([])
  expect(await reindexData({ store: url, seedFile: seedFile() })).toMatchObject({ corrected: 0 })
})

test('nodes run, and sign, as a role that may create nothing and change no entry; one without its grants does not start (R-04)', async () => {
  const url = await postgres.createDatabase()
  await migrateData({ store: url })
  const as = new URL(url)
  as.username = 'indelible_node'
  as.password = 'secret'
  const [create = '', ...grants] = readStatements('A role that owns nothing', 'postgresql.md')
    .split(';')
    .slice(0, -1)
  await askDatabase(url, create)
  await expect(serve(as.href)).rejects.toThrow('permission denied')
  await askDatabase(url, grants.join(';'))
  await using server = await serve(as.href)
  expect((await server.post('/v1/events', numberedEvents('default', 1))).status).toBe(201)
  await expect.poll(async () => (await server.ask('/v1/logs/default')).json.checkpoint).toBeTruthy()

  // All else that is changed or removed: administration, limits, keys of logs.
  const { id } = (await server.post('/v1/keys', { name: 'k', scopes: ['read'], tenants: ['*'] }))
    .json
  const changes = [
    await server.ask(`/v1/keys/${id}`, { method: 'DELETE' }),
    await server.post('/v1/login', { username: 'admin', password: 'wrong' }),
    await server.post('/v1/login', { username: 'admin', password: testAdminPassword }),
    await server.post('/v1/logs/default/key', { revoke: false }),
    await server.ask('/v1/events?q=order*'),
  ]
  expect(changes.map(({ status }) => status)).toEqual([204, 401, 200, 201, 200])

  for (const statement of [
    "UPDATE entry SET data = '{}'",
    "UPDATE entry SET idx = idx + 1 WHERE tenant = 'default'",
    'DELETE FROM entry',
    'TRUNCATE entry',
    'UPDATE node SET hash = hash',
    'DELETE FROM node',
    'DELETE FROM log',
    'DELETE FROM checkpoint',
    'DELETE FROM indelible_guard.guard',
    'DROP TABLE entry',
    'CREATE TRIGGER t BEFORE INSERT ON entry FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()',
  ]) {
    await expect(tamper(as.href, statement)).rejects.toThrow(/permission denied|must be owner/)
  }
  expect((await auditData({ store: url, seedFile: seedFile() })).findings).toEqual([])
})
