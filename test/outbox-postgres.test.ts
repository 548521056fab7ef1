import { type ClientOptions, createClient } from '@indelible/client'
import { createOutbox } from '@indelible/client/postgres'
import { startPostgres, startTestServer, type TestServer, testRootKey } from '@indelible/testkit'
import { afterAll, expect, test } from 'vitest'
import { type Library, libraries } from './outbox/libraries.ts'

const postgres = await startPostgres()
const server = await startTestServer()
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await postgres[Symbol.asyncDispose]()
})

const createAudit = (tenant: string, options: Partial<ClientOptions> = {}) =>
  createClient({ url: server.url, key: testRootKey, tenant, source: 'test', ...options })
const actor = { id: 'u_1' }

/** All events of a log, oldest first. */
async function readLog({ ask }: TestServer, tenant: string) {
  const { json } = await ask(`/v1/events?tenant=${tenant}&limit=1000&order=asc`)
  return (json.entries ?? []).map(({ event }: { event: unknown }) => event)
}

const hostile = [
  `'; DROP TABLE indelible_outbox; --`,
  `\\'; \\x27 \\u0027 E'\\''`,
  '$1 $2::text $$ $indelible$ %s ? ?? :name @name {{x}}',
  'Zoë 漢字 🦊 \u2028 \u202e \ufeff \u007f \ud83e\udd8a',
  '\t\r\n"\b\f\v`{x}`',
  'x'.repeat(100_000),
]

test.each(Object.keys(libraries))(
  'with %s a committed event is in the log once, as it was, and a rolled back one never',
  async (name) => {
    const tenant = name.replaceAll(/[^a-z]+/g, '-')
    await using library = await open(name)
    await using audit = createAudit(tenant)
    const outbox = createOutbox({ audit })
    await outbox.migrate(library.outside)
    await outbox.migrate(library.outside)
    const committed = await audit.run({ actor, context: { request: 'r_1' } }, async () => {
      const ids: string[] = []
      await library.transact(async (transaction) => {
        for (const text of hostile) {
          const event = { action: 'a.kept', data: { text, [text.slice(0, 50)]: 1 } }
          ids.push((await outbox.record(transaction, event)).id)
        }
        const change = { action: 'a.changed', before: { n: 1 }, after: { n: 2 } }
        ids.push((await outbox.change(transaction, change)).id)
      })
      const failing = library.transact(async (transaction) => {
        await outbox.record(transaction, { action: 'a.lost' })
        throw new Error('as the application will')
      })
      await expect(failing).rejects.toThrow('as the application will')
      return ids
    })
    await using relay = outbox.relay({ db: library.db })
    await relay.flush()
    const kept = await readLog(server, tenant)
    expect(kept.map(({ id }: { id: string }) => id)).toEqual(committed)
    const texts = kept.slice(0, -1).map(({ data }: { data: { text: string } }) => data.text)
    expect(texts).toEqual(hostile)
    expect(kept.at(-1)).toMatchObject({
      actor: { type: 'user', id: 'u_1' },
      source: 'test',
      context: { request: 'r_1' },
      changes: { before: { n: 1 }, after: { n: 2 } },
      data: { patch: [{ op: 'replace', path: '/n', value: 2 }] },
    })
    const stats = { pending: 0, rejected: 0, oldestMs: null, relayed: committed.length }
    expect(await relay.stats()).toEqual(stats)
  },
)

async function open(name: string): Promise<Library> {
  const library = libraries[name]
  if (library === undefined) throw new Error(`There is no ${name}.`)
  return library(await postgres.createDatabase())
}

test.each(Object.keys(libraries).filter((name) => !name.startsWith('prisma')))(
  'with %s an event without an actor, or outside of a transaction, is refused at once',
  async (name) => {
    await using library = await open(name)
    await using audit = createAudit('refused-at-once')
    const outbox = createOutbox({ audit })
    await outbox.migrate(library.outside)
    const anonymous = library.transact(async (transaction) => {
      await outbox.record(transaction, { action: 'a.anonymous' })
    })
    await expect(anonymous).rejects.toMatchObject({
      code: 'event-invalid',
      errors: [{ pointer: '/actor' }],
    })
    const outside = outbox.record(library.outside, { action: 'a.outside', actor })
    await expect(outside).rejects.toMatchObject({ code: 'settings-invalid' })
    await using relay = outbox.relay({ db: library.db })
    expect(await relay.stats()).toMatchObject({ pending: 0 })
  },
)
