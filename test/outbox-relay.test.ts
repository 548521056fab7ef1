import { type ClientOptions, createClient } from '@indelible/client'
import { createOutbox, type PostgresRelayOptions } from '@indelible/client/postgres'
import { startPostgres, startTestServer, testRootKey } from '@indelible/testkit'
import { afterAll, expect, test } from 'vitest'
import { createPool, inTransaction } from './outbox/pool.ts'

const postgres = await startPostgres()
const server = await startTestServer()
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await postgres[Symbol.asyncDispose]()
})
const actor = { id: 'u_1' }

/** A database, a client and an outbox of a test's own; `record` commits events with these ids. */
async function open(tenant: string, options: Partial<ClientOptions> = {}, table?: string) {
  const pool = createPool(await postgres.createDatabase())
  const connect = (over: Partial<ClientOptions> = {}) => {
    const audit = createClient({ url: server.url, key: testRootKey, tenant, ...options, ...over })
    return { audit, outbox: createOutbox({ audit, ...(table === undefined ? {} : { table }) }) }
  }
  const { audit, outbox } = connect()
  if (table !== undefined) await pool.query(`CREATE SCHEMA "${table.split('.')[0]}"`)
  await outbox.migrate(pool)
  const record = (ids: readonly string[], data: object = {}) =>
    inTransaction(pool, async (client) => {
      for (const id of ids)
        await outbox.record(client, { action: 'a.b', actor, id, data: { ...data } })
    })
  const relay = (over: Partial<PostgresRelayOptions> = {}) => outbox.relay({ db: pool, ...over })
  return {
    pool,
    audit,
    outbox,
    connect,
    record,
    relay,
    async [Symbol.asyncDispose]() {
      await audit.close()
      await pool.end()
    },
  }
}

async function readIds(tenant: string): Promise<string[]> {
  const { json } = await server.ask(`/v1/events?tenant=${tenant}&limit=1000&order=asc`)
  return (json.entries ?? []).map(({ event }: { event: { id: string } }) => event.id)
}

const number = (count: number) => Array.from({ length: count }, (_, n) => `e-${n}`)

test('what is refused for good is set aside in the table, told, and can be taken up again', async () => {
  await using shop = await open('aside')
  await shop.record(['e-0', 'e-1'])
  await inTransaction(shop.pool, async (client) => {
    await shop.outbox.record(client, { action: 'x'.repeat(300), actor, id: 'e-2' })
  })
  await shop.record(['e-3'], { text: '\0' })
  await shop.record(['e-4'])
  const rejected: string[] = []
  await using relay = shop.relay({
    onRejected({ event, error }) {
      rejected.push(`${typeof event === 'string' ? event : event.id} ${error.code}`)
      throw new Error('A hook that throws stops nothing.')
    },
  })
  await relay.flush()
  expect(await readIds('aside')).toEqual(['e-0', 'e-1', 'e-4'])
  expect(rejected).toEqual(['e-2 event-invalid', 'e-3 json-malformed'])
  expect(await relay.stats()).toEqual({ pending: 0, rejected: 2, oldestMs: null, relayed: 3 })
  const { rows } = await shop.pool.query(
    'SELECT rejected, rejected_at FROM indelible_outbox ORDER BY id',
  )
  expect(rows).toMatchObject([
    { rejected: { id: 'e-2', code: 'event-invalid', status: 422 }, rejected_at: expect.any(Date) },
    { rejected: { id: 'e-3', code: 'json-malformed', status: 400 } },
  ])
  await shop.pool.query(
    `UPDATE indelible_outbox SET rejected = NULL, rejected_at = NULL,
      event = jsonb_set(event::jsonb, '{action}', '"a.mended"')::text WHERE rejected->>'status' = '422'`,
  )
  await relay.flush()
  expect(await readIds('aside')).toEqual(['e-0', 'e-1', 'e-4', 'e-2'])
})

test('a key that is not valid is waited out, loudly: no event is to blame for it', async () => {
  await using shop = await open('keyless')
  await shop.record(number(3))
  const { outbox, audit } = shop.connect({ key: 'ind_wrong' })
  const { promise: told, resolve } = Promise.withResolvers<Error>()
  const keyless = outbox.relay({ db: shop.pool, onError: resolve })
  expect(await told).toMatchObject({ code: 'credentials-invalid' })
  expect(await keyless.stats()).toMatchObject({ pending: 3, rejected: 0, relayed: 0 })
  expect((await keyless.stats()).oldestMs).toBeGreaterThan(0)
  await keyless.close()
  await audit.close()
  await using relay = shop.relay()
  await relay.flush()
  expect(await readIds('keyless')).toEqual(number(3))
})

test('an answer without the events’ heads is no acknowledgement', async () => {
  const answers = ['{}', '{"entries":[]}', '[]', 'null', '<html>']
  const proxy: typeof fetch = async (input, init) => {
    const text = answers.shift()
    return text === undefined ? fetch(input, init) : new Response(text, { status: 200 })
  }
  await using shop = await open('proxied', { fetch: proxy, appendTimeoutMs: 0 })
  await shop.record(number(2))
  const errors: string[] = []
  await using relay = shop.relay({
    random: () => 0,
    onError: ({ message }) => errors.push(message),
  })
  await relay.flush()
  expect(await readIds('proxied')).toEqual(number(2))
  expect(errors).toHaveLength(5)
})

test('of several relays one has its turn, so that nothing is sent twice or out of order', async () => {
  let sent = 0
  const counting: typeof fetch = (input, init) => {
    sent += JSON.parse(String(init?.body)).length
    return fetch(input, init)
  }
  await using shop = await open('turns', { fetch: counting })
  const ids = number(1_000)
  await shop.record(ids)
  const relays = Array.from({ length: 4 }, () =>
    shop.relay({ turnMs: 600_000, batchEventsMax: 20, pollMs: 1 }),
  )
  await Promise.all(relays.map((relay) => relay.flush()))
  expect(await readIds('turns')).toEqual(ids)
  expect(sent).toBe(1_000)
  const stats = await Promise.all(relays.map((relay) => relay.stats()))
  expect(stats.map(({ relayed }) => relayed).sort((one, other) => one - other)).toEqual([
    0, 0, 0, 1_000,
  ])
  // Whoever has the turn passes it on as it closes, not ten minutes later.
  for (const [at, relay] of relays.entries()) {
    await shop.record([`last-${at}`])
    await relay.flush()
    await relay.close()
  }
  const { rowCount } = await shop.pool.query('SELECT FROM indelible_outbox')
  expect([rowCount, sent]).toEqual([0, 1_004])
})

test('large events go in requests of about a mebibyte', async () => {
  const bodies: number[] = []
  const measuring: typeof fetch = (input, init) => {
    bodies.push(String(init?.body).length)
    return fetch(input, init)
  }
  await using shop = await open('large', { fetch: measuring })
  await shop.record(number(20), { text: 'x'.repeat(200_000) })
  await using relay = shop.relay()
  await relay.flush()
  expect(await readIds('large')).toEqual(number(20))
  expect(Math.max(...bodies)).toBeLessThan(1024 * 1024 + 256 * 1024)
})

test('a relay that is started in the context of one request gives it to no event', async () => {
  await using shop = await open('contexts')
  await shop.record(['e-0'])
  const context = { actor: { id: 'u_2' }, tenant: 'other', context: { request: 'r_2' } }
  await using relay = shop.audit.run(context, () => shop.relay())
  await relay.flush()
  const { json } = await server.ask('/v1/events/e-0?tenant=contexts')
  expect(json.event.actor.id).toBe('u_1')
  expect(json.event.context).toBe(undefined)
})

test('close ends at once, also while nothing answers, and what waits stays', async () => {
  const { promise: asked, resolve } = Promise.withResolvers<void>()
  const silent: typeof fetch = (_, init) =>
    new Promise((_, reject) => {
      init?.signal?.addEventListener('abort', () => reject(new Error('aborted')))
      resolve()
    })
  await using shop = await open('silent', { fetch: silent })
  await shop.relay().close()
  await shop.record(number(2))
  const relay = shop.relay()
  const flushed = relay.flush()
  await asked
  await relay.close()
  await flushed
  await relay.close()
  expect((await shop.pool.query('SELECT FROM indelible_outbox')).rowCount).toBe(2)
})

test('migrations of many processes at once are one, in whatever schema', async () => {
  await using shop = await open('schemas', {}, 'Audit.Out_box')
  await Promise.all(Array.from({ length: 8 }, () => shop.outbox.migrate(shop.pool)))
  await shop.pool.query(shop.outbox.schema)
  await shop.record(['e-0'])
  await using relay = shop.relay()
  await relay.flush()
  expect(await readIds('schemas')).toEqual(['e-0'])
  for (const table of ['a"b', 'a.b.c', 'a b', '', '1a', "x'--"]) {
    const invalid = expect.objectContaining({ code: 'settings-invalid' })
    expect(() => createOutbox({ audit: shop.audit, table })).toThrow(invalid)
  }
})

test('the database away, and back, costs tries and nothing else', async () => {
  await using database = await startPostgres()
  const pool = createPool(database.url)
  await using audit = createClient({ url: server.url, key: testRootKey, tenant: 'away' })
  const outbox = createOutbox({ audit })
  await outbox.migrate(pool)
  const { promise: failed, resolve } = Promise.withResolvers<void>()
  await using relay = outbox.relay({ db: pool, pollMs: 1, onError: () => resolve() })
  await database.stop('immediate')
  await failed
  await database.start()
  await inTransaction(pool, (client) => outbox.record(client, { action: 'a', actor, id: 'e-0' }))
  await relay.flush()
  expect(await readIds('away')).toEqual(['e-0'])
  await relay.close()
  await pool.end()
})
