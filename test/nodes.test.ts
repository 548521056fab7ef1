import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { auditData, readConfig, startServer } from '@indelible/server'
import {
  askDatabase,
  createTemporaryFolder,
  createTestSeed,
  follow,
  startPostgres,
  startTestServer,
  type TestServer,
} from '@indelible/testkit'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'

/** Nodes in one process, on one PostgreSQL: what one of them did, through another. */
const temporary = createTemporaryFolder()
const seedFile = createTestSeed(temporary.path)
const postgres = await startPostgres()
afterAll(async () => {
  await postgres[Symbol.asyncDispose]()
  temporary[Symbol.dispose]()
})

const startNode = (databaseUrl: string): Promise<TestServer> =>
  startTestServer({ folder: temporary.path, config: { databaseUrl, seedFile, drainMs: 0 } })

const event = { action: 'order.paid', tenant: 'acme', actor: { id: 'u_1' } }
const credentials = { username: 'ada', password: 'correct horse battery staple' }
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
/** Long enough for a machine that is busy with other tests. */
const patience = { timeout: 30_000, interval: 50 }

describe('on an empty database', () => {
  test('nodes that start together make it once, and what they print is told by one of them', async () => {
    const store = await postgres.createDatabase()
    const config = readConfig({
      INDELIBLE_STORE: store,
      INDELIBLE_SEED_FILE: seedFile,
      INDELIBLE_PORT: '0',
      INDELIBLE_LOG_LEVEL: 'error',
      INDELIBLE_DRAIN_SECONDS: '0',
    })
    const nodes = await Promise.all([1, 2, 3].map(() => startServer(config)))
    await using _ = {
      [Symbol.asyncDispose]: async () => {
        for (const node of nodes) await node[Symbol.asyncDispose]()
      },
    }
    const told = nodes.map(({ firstStart }) => firstStart)
    expect(told.filter(({ rootKey }) => rootKey !== undefined)).toHaveLength(1)
    expect(told.filter(({ adminPassword }) => adminPassword !== undefined)).toHaveLength(1)
    const rootKey = told.find((one) => one.rootKey !== undefined)?.rootKey ?? ''
    for (const { url } of nodes) {
      const ask = async (path: string) =>
        (await fetch(`${url}${path}`, { headers: bearer(rootKey) })).json()
      expect(await ask('/v1/keys')).toMatchObject({ keys: [{ name: 'root' }] })
      expect(await ask('/v1/users')).toMatchObject({ users: [{ username: 'admin' }] })
      const made = await ask('/v1/events?tenant=_system&action=key.created&action=user.created')
      expect(made).toMatchObject({ entries: [{}, {}] })
    }
  })

  test('a node without the seed, with another one or with another origin does not start, and says why', async () => {
    const store = await postgres.createDatabase()
    await (await startNode(store)).stop()
    using other = createTemporaryFolder()
    const refused = (environment: Record<string, string>) =>
      expect((async () => startServer(readConfig({ INDELIBLE_STORE: store, ...environment })))())
        .rejects
    await refused({}).toThrow('INDELIBLE_SEED_FILE')
    await refused({ INDELIBLE_SEED_FILE: `${other.path}/nothing` }).toThrow('every node needs')
    await refused({ INDELIBLE_SEED_FILE: createTestSeed(other.path) }).toThrow('The seed is not')
    await refused({
      INDELIBLE_SEED_FILE: seedFile,
      INDELIBLE_ORIGIN: 'other.example.com',
    }).toThrow('other.example.com')
    await refused({
      INDELIBLE_STORE: store.replace(/[^/]+$/, 'nowhere'),
      INDELIBLE_SEED_FILE: seedFile,
    }).toThrow('"nowhere" does not exist')
  })

  test('a database user who may make nothing is told apart from a fault of ours', async () => {
    const store = await postgres.createDatabase()
    await askDatabase(store, "CREATE ROLE guest LOGIN PASSWORD 'guest'")
    const url = new URL(store)
    url.username = 'guest'
    for (const [password, said] of [
      ['guest', 'refuses: permission denied for database'],
      ['wrong', 'refuses: password authentication failed'],
    ] as const) {
      url.password = password
      const environment = { INDELIBLE_STORE: url.href, INDELIBLE_SEED_FILE: seedFile }
      await expect(startServer(readConfig(environment))).rejects.toThrow(said)
    }
  })

  test('a node waits for a database that is still starting', async () => {
    await using late = await startPostgres()
    const store = await late.createDatabase()
    await late.stop('fast')
    const starting = startNode(store)
    await delay(300)
    await late.start()
    await using node = await starting
    expect((await node.post('/v1/events', event)).status).toBe(201)
  })
})

test('the guard may lie in another database, which then remembers what a restored store does not', async () => {
  const [store, guardUrl] = [await postgres.createDatabase(), await postgres.createDatabase()]
  const start = (databaseUrl: string) =>
    startTestServer({
      folder: temporary.path,
      config: { databaseUrl, guardUrl, seedFile, drainMs: 0 },
    })
  const before = await start(store)
  expect((await before.post('/v1/events', { ...event, id: 'kept' })).status).toBe(201)
  expect((await before.ask('/v1/events/kept/receipt?tenant=acme')).status).toBe(200)
  await before.stop()
  // A store that was replaced: the guard knows of logs that this one does not have.
  await using replaced = await start(await postgres.createDatabase())
  await vi.waitFor(async () => {
    const { signingRefusals } = (await replaced.ask('/readyz')).json
    expect(signingRefusals.map((one: { tenant: string }) => one.tenant)).toContain('acme')
  }, patience)
  const refused = await replaced.post('/v1/events', event)
  expect(refused.json.code).toBe('ledger-stopped')
  expect((await replaced.post('/v1/events', { ...event, tenant: 'other' })).status).toBe(201)
})

describe('three nodes', () => {
  let store = ''
  let nodes: [TestServer, TestServer, TestServer]
  beforeAll(async () => {
    store = await postgres.createDatabase()
    nodes = await Promise.all([startNode(store), startNode(store), startNode(store)])
  })
  afterAll(async () => {
    for (const node of nodes) await node.stop()
  })

  test('are ready, and one of them signs', async () => {
    await vi.waitFor(async () => {
      const answers = await Promise.all(nodes.map((node) => node.ask('/readyz')))
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
      expect(answers.map(({ json }) => json.store)).toEqual(['postgres', 'postgres', 'postgres'])
      expect(answers.filter(({ json }) => json.signs)).toHaveLength(1)
    }, patience)
  })

  test('keep one id once, whichever of them it was sent to, at once and again (R-01)', async () => {
    const send = () =>
      Promise.all(
        Array.from({ length: 30 }, (_, n) =>
          nodes[n % 3]?.post('/v1/events', { ...event, id: 'once' }),
        ),
      )
    const answers = [...(await send()), ...(await send())]
    expect(answers.filter((answer) => answer?.status === 201)).toHaveLength(1)
    expect(answers.filter((answer) => answer?.status === 200)).toHaveLength(59)
    expect(new Set(answers.map((answer) => answer?.json.hash)).size).toBe(1)
    const contested = await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        nodes[n % 3]?.post('/v1/events', { ...event, id: 'contested', data: { from: n } }),
      ),
    )
    const statuses = contested.map((answer) => answer?.status)
    expect(statuses.sort()).toEqual([201, ...Array.from({ length: 99 }, () => 409)])
  })

  test('number a log without a gap, and each finds at once what another acknowledged', async () => {
    const clients = nodes.flatMap((node, n) =>
      Array.from({ length: 3 }, async (_, client) => {
        const indexes: number[] = []
        for (let turn = 0; turn < 15; turn++) {
          const id = `${n}-${client}-${turn}`
          const body = { ...event, tenant: 'gapless', id, data: { id } }
          const { json } = await node.post('/v1/events', body)
          indexes.push(json.index)
          const found = await nodes[(n + turn) % 3]?.ask(`/v1/events?tenant=gapless&data.id=${id}`)
          expect(found?.json.entries).toMatchObject([{ index: json.index }])
        }
        return indexes
      }),
    )
    const indexes = (await Promise.all(clients)).flat().sort((a, b) => a - b)
    expect(indexes).toEqual(Array.from({ length: 135 }, (_, n) => n))
    const logs = await Promise.all(nodes.map((node) => node.ask('/v1/logs/gapless')))
    expect(new Set(logs.map(({ json }) => `${json.size} ${json.root} ${json.vkey}`)).size).toBe(1)
  })

  test('prove what another kept, by a checkpoint that one of them signed', async () => {
    await nodes[0].post('/v1/events', { ...event, id: 'proved' })
    for (const node of nodes) {
      const { json, status } = await node.ask('/v1/events/proved/receipt?tenant=acme')
      expect(status).toBe(200)
      expect(json.format).toBe('indelible-receipt/v1')
    }
  })

  test('bring what one of them appends to the streams of the others, in order and once', async () => {
    await nodes[0].post('/v1/events', { ...event, tenant: 'live' })
    const streams = await Promise.all(
      nodes.map(({ url }) => follow(url, '/v1/stream?tenant=live', { last: '-1' })),
    )
    for (let n = 1; n < 30; n++)
      await nodes[n % 3]?.post('/v1/events', { ...event, tenant: 'live' })
    for (const stream of streams) {
      const indexes = (await stream.take(30)).map(({ index }) => index)
      expect(indexes).toEqual(Array.from({ length: 30 }, (_, n) => n))
      await stream[Symbol.asyncDispose]()
    }
  })

  test('take a key made by another at once, and refuse it, and end its streams, once another revoked it (A-14, T-09)', async () => {
    const grant = { name: 'k', scopes: ['append', 'read'], tenants: ['acme'] }
    const { key, id } = (await nodes[0].post('/v1/keys', grant)).json
    expect((await nodes[1].post('/v1/events', event, bearer(key))).status).toBe(201)
    await using stream = await follow(nodes[2].url, '/v1/stream', { key })
    expect((await nodes[1].ask(`/v1/keys/${id}`, { method: 'DELETE' })).status).toBe(204)
    await stream.rest()
    for (const node of nodes) {
      // They look five times a second.
      await vi.waitFor(async () => {
        const { json } = await node.ask('/v1/events', { headers: bearer(key) })
        expect(json.code).toBe('credentials-invalid')
      }, patience)
    }
    const keys = (await nodes[2].ask('/v1/keys')).json.keys.map((one: { id: string }) => one.id)
    expect(keys).not.toContain(id)
  })

  test('hold events to a schema that another was given, within a second, and let its repeats through', async () => {
    const send = (node: TestServer, body: object) =>
      node.post('/v1/events', { ...event, tenant: 'held', ...body })
    expect((await send(nodes[0], { id: 'before' })).status).toBe(201)
    const path = '/v1/tenants/held/schemas/order.paid'
    const init = {
      method: 'PUT',
      body: JSON.stringify({ required: ['source'] }),
      headers: { 'content-type': 'application/json' },
    }
    expect((await nodes[0].ask(path, init)).status).toBe(201)
    expect((await send(nodes[0], {})).json.code).toBe('event-invalid')
    for (const node of nodes) {
      await vi.waitFor(async () => {
        expect((await send(node, {})).json.code).toBe('event-invalid')
      }, patience)
      expect((await send(node, { id: 'before' })).json.duplicate).toBe(true)
      expect((await send(node, { source: 'shop' })).status).toBe(201)
    }
  })

  test('know each other’s users and sessions at once, and end them everywhere (S-03)', async () => {
    const user = { ...credentials, role: 'admin', tenants: ['*'] }
    expect((await nodes[0].post('/v1/users', user)).status).toBe(201)
    const { token } = (await nodes[1].post('/v1/login', credentials)).json
    expect((await nodes[2].ask('/v1/logs', { headers: bearer(token) })).status).toBe(200)
    const disable = { method: 'PATCH', body: '{"disabled":true}' }
    const headers = { 'content-type': 'application/json' }
    expect((await nodes[0].ask('/v1/users/ada', { ...disable, headers })).status).toBe(200)
    expect((await nodes[1].post('/v1/login', credentials)).status).toBe(401)
    await vi.waitFor(async () => {
      const answer = await nodes[2].ask('/v1/logs', { headers: bearer(token) })
      expect(answer.status).toBe(401)
    }, patience)
  })

  test('go by a rule of redaction that another was given, and know what was kept before again', async () => {
    const [first, second, third] = nodes
    const sent = { ...event, id: 'before-rule', data: { note: 'of CASE-77' } }
    await first.post('/v1/events', sent)
    const made = await second.ask('/v1/redaction/rules/case-number', {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ pattern: 'CASE-*', action: 'mask' }),
    })
    expect(made.status).toBe(201)
    expect((await third.ask('/v1/redaction')).json.rules[0].name).toBe('case-number')
    await vi.waitFor(async () => {
      const id = randomUUID()
      await first.post('/v1/events', { ...sent, id })
      const { json } = await first.ask(`/v1/events/${id}?tenant=acme`)
      expect(json.event.data.note).toBe('of [redacted:case-number]')
    }, patience)
    for (const node of nodes) expect((await node.post('/v1/events', sent)).status).toBe(200)
  })

  test('leave one administrator, also where two are removed at once through two of them (P-02)', async () => {
    for (let round = 0; round < 5; round++) {
      const user = { ...credentials, username: 'bob', role: 'admin', tenants: ['*', '_system'] }
      expect((await nodes[2].post('/v1/users', user)).status).toBe(201)
      const remove = (node: TestServer, username: string) =>
        node.ask(`/v1/users/${username}`, { method: 'DELETE' })
      const removed = await Promise.all([remove(nodes[0], 'admin'), remove(nodes[1], 'bob')])
      expect(removed.map(({ status }) => status).sort()).toEqual([204, 409])
      const { users } = (await nodes[2].ask('/v1/users')).json
      const left = users.filter((one: { disabled: boolean }) => !one.disabled)
      expect(left).toHaveLength(1)
      // For the next round it is `admin` who is left.
      if (left[0].username === 'bob') {
        await nodes[0].post('/v1/users', { ...user, username: 'admin' })
        expect((await remove(nodes[1], 'bob')).status).toBe(204)
      }
    }
  })

  test('count failed log-ins, and the rate of a key, together (A-19)', async () => {
    const attempt = (n: number) =>
      nodes[n % 3]?.post('/v1/login', { username: 'eve', password: 'a wrong password' })
    const answers = []
    for (let n = 0; n < 13; n++) answers.push((await attempt(n))?.status)
    expect(answers).toEqual([...Array(10).fill(401), 429, 429, 429])
    const rated = { name: 'r', scopes: ['append'], tenants: ['acme'], rate: 1 }
    const { key } = (await nodes[0].post('/v1/keys', rated)).json
    // One a second: on a busy machine they may lie in more seconds than one.
    const began = performance.now()
    const sent = await Promise.all(
      Array.from({ length: 30 }, (_, n) => nodes[n % 3]?.post('/v1/events', event, bearer(key))),
    )
    const seconds = Math.floor((performance.now() - began) / 1_000)
    const statuses = sent.map((answer) => answer?.status)
    expect(new Set(statuses)).toEqual(new Set([201, 429]))
    expect(statuses.filter((status) => status === 201).length).toBeLessThanOrEqual(1 + seconds)
  })

  test('leave a store that passes its audit', async () => {
    const report = await auditData({ store, seedFile })
    expect(report.findings).toEqual([])
    expect(report.logs.map(({ tenant }) => tenant)).toContain('gapless')
  })
})
