import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createClient } from '@indelible/client'
import { createOutbox, type Outbox } from '@indelible/client/sqlite'
import { createTemporaryFolder, startTestServer, testRootKey } from '@indelible/testkit'
import { drizzle } from 'drizzle-orm/sqlite-proxy'
import { Kysely, SqliteDialect } from 'kysely'
import { afterAll, expect, test } from 'vitest'

const server = await startTestServer()
const temporary = createTemporaryFolder()
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  temporary[Symbol.dispose]()
})
const actor = { id: 'u_1' }
let files = 0

/** A client, an outbox, and a file that every test has for itself. */
function open(tenant: string) {
  files += 1
  const path = join(temporary.path, `${files}.db`)
  const audit = createClient({ url: server.url, key: testRootKey, tenant })
  const outbox = createOutbox({ audit })
  const connect = () => new DatabaseSync(path, { timeout: 5_000 })
  const database = connect()
  database.exec('PRAGMA journal_mode = WAL')
  outbox.migrate(database)
  outbox.migrate(database)
  return { audit, outbox, database, connect }
}

async function readIds(tenant: string): Promise<string[]> {
  const { json } = await server.ask(`/v1/events?tenant=${tenant}&limit=1000&order=asc`)
  return (json.entries ?? []).map(({ event }: { event: { id: string } }) => event.id)
}

type Transact = (
  database: DatabaseSync,
  outbox: Outbox,
  fails: boolean,
  ids: string[],
) => Promise<void>

const event = { action: 'a.kept', actor, data: { text: `'; DROP TABLE x; -- \\' ? $1 🦊` } }
const failure = new Error('as the application will')

const transactions: Readonly<Record<string, Transact>> = {
  async 'node:sqlite'(database, outbox, fails, ids) {
    database.exec('BEGIN')
    try {
      ids.push(outbox.record(database, event).id)
      ids.push(outbox.change(database, { action: 'a.changed', actor, after: { n: 1 } }).id)
      if (fails) throw failure
      database.exec('COMMIT')
    } catch (error) {
      database.exec('ROLLBACK')
      throw error
    }
  },
  async kysely(database, outbox, fails, ids) {
    const kysely = new Kysely<unknown>({ dialect: new SqliteDialect({ database: wrap(database) }) })
    await kysely.transaction().execute(async (transaction) => {
      ids.push((await outbox.record(transaction, event)).id)
      if (fails) throw failure
    })
  },
  async 'drizzle-orm'(database, outbox, fails, ids) {
    const db = drizzle(async (text, values, method) => {
      const statement = database.prepare(text)
      if (method === 'run') statement.run(...values)
      return { rows: method === 'run' ? [] : statement.all(...values) }
    })
    await db.transaction(async (transaction) => {
      ids.push((await outbox.record(transaction, event)).id)
      if (fails) throw failure
    })
  },
}

/** As better-sqlite3 has it, for Kysely's dialect. */
const wrap = (database: DatabaseSync) => ({
  close: () => undefined,
  prepare(text: string) {
    const statement = database.prepare(text)
    return {
      reader: statement.columns().length > 0,
      all: (values: readonly unknown[]) => statement.all(...(values as string[])),
      run: (values: readonly unknown[]) => {
        const { changes, lastInsertRowid } = statement.run(...(values as string[]))
        return { changes, lastInsertRowid }
      },
      iterate: (values: readonly unknown[]) =>
        statement.iterate(...(values as string[])) as IterableIterator<unknown>,
    }
  },
})

test.each(Object.entries(transactions))(
  'with %s a committed event is in the log once, and a rolled back one never',
  async (name, transact) => {
    const tenant = name.replaceAll(/[^a-z]+/g, '-')
    const { audit, outbox, database, connect } = open(tenant)
    const committed: string[] = []
    await transact(database, outbox, false, committed)
    await expect(transact(database, outbox, true, [])).rejects.toThrow(failure.message)
    const own = connect()
    await using relay = outbox.relay({ db: own })
    await relay.flush()
    expect(await readIds(tenant)).toEqual(committed)
    const { json } = await server.ask(`/v1/events/${committed[0]}?tenant=${tenant}`)
    expect(json.event.data).toEqual(event.data)
    const stats = { pending: 0, rejected: 0, oldestMs: null, relayed: committed.length }
    expect(await relay.stats()).toEqual(stats)
    await audit.close()
  },
)

test('an event without an actor, or outside of a transaction, is refused as it is recorded', async () => {
  const { audit, outbox, database } = open('refused')
  const outside = expect.objectContaining({ code: 'settings-invalid' })
  expect(() => outbox.record(database, event)).toThrow(outside)
  database.exec('BEGIN')
  const anonymous = expect.objectContaining({ code: 'event-invalid' })
  expect(() => outbox.record(database, { action: 'a' })).toThrow(anonymous)
  database.exec('ROLLBACK')
  await audit.close()
})

test('a relay on the application’s own connection never sees what is not committed', async () => {
  const { audit, outbox, database } = open('shared')
  await using relay = outbox.relay({ db: database, pollMs: 5 })
  await relay.flush()
  database.exec('BEGIN')
  outbox.record(database, event)
  const flushed = relay.flush()
  // It looks while the transaction is open.
  for (let turns = 0; turns < 20; turns += 1) await server.ask('/healthz')
  expect(await readIds('shared')).toEqual([])
  database.exec('ROLLBACK')
  await flushed
  expect(await readIds('shared')).toEqual([])
  await audit.close()
})

test('what the service refuses for good is set aside with the refusal, and holds up nothing', async () => {
  const { audit, outbox, database } = open('aside')
  const rejected: unknown[] = []
  database.exec('BEGIN')
  const ids = Array.from({ length: 9 }, (_, n) => {
    // NUL is what no database of the service can keep.
    const data = n === 4 ? { text: '\0' } : {}
    return outbox.record(database, { ...event, data }).id
  })
  database.exec('COMMIT')
  await using relay = outbox.relay({
    db: database,
    onRejected: (fact) => rejected.push([(fact.event as { id: string }).id, fact.error.code]),
  })
  await relay.flush()
  expect(await readIds('aside')).toEqual(ids.filter((_, n) => n !== 4))
  expect(rejected).toEqual([[ids[4], 'json-malformed']])
  expect(await relay.stats()).toMatchObject({ pending: 0, rejected: 1, relayed: 8 })
  const [row] = database.prepare('SELECT event, rejected FROM indelible_outbox').all()
  expect(JSON.parse(String(row?.event)).id).toBe(ids[4])
  expect(JSON.parse(String(row?.rejected))).toMatchObject({ code: 'json-malformed', status: 400 })
  await audit.close()
})

test('whoever awaits flush keeps the process alive, though nothing else does', () => {
  const script = `
    import { DatabaseSync } from 'node:sqlite'
    import { createClient } from '@indelible/client'
    import { createOutbox } from '@indelible/client/sqlite'
    let tries = 0
    const fetch = async (_, { body }) => {
      if (++tries === 1) throw new Error('away')
      const entries = JSON.parse(body).map(({ id }) => ({ id, index: 0, hash: '' }))
      return Response.json({ entries })
    }
    const audit = createClient({ url: 'http://127.0.0.1:1', fetch, appendTimeoutMs: 0 })
    const outbox = createOutbox({ audit })
    const db = new DatabaseSync(':memory:')
    outbox.migrate(db)
    db.exec('BEGIN')
    outbox.record(db, { action: 'a', actor: { id: 'u_1' } })
    db.exec('COMMIT')
    const away = Promise.withResolvers()
    const relay = outbox.relay({ db, random: () => 1, onError: away.resolve })
    await away.promise
    await relay.flush()
    console.log('flushed', tries)
  `
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script])
  expect(String(output)).toBe('flushed 2\n')
})
