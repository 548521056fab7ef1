import { setTimeout as delay } from 'node:timers/promises'
import { auditData } from '@indelible/server'
import {
  createRequests,
  createTemporaryFolder,
  createTestSeed,
  type SpawnedServer,
  spawnServer,
  startPostgres,
} from '@indelible/testkit'
import { afterAll, expect, test, vi } from 'vitest'
import { startBalancer } from './nodes/balancer.ts'

/** Nodes as processes of their own, which end, stop and lose their database. */
const temporary = createTemporaryFolder()
const seedFile = createTestSeed(temporary.path)
const postgres = await startPostgres()
afterAll(async () => {
  await postgres[Symbol.asyncDispose]()
  temporary[Symbol.dispose]()
})

const spawnNode = (store: string, drains = 0): Promise<SpawnedServer> =>
  spawnServer({
    folder: temporary.path,
    environment: {
      INDELIBLE_STORE: store,
      INDELIBLE_SEED_FILE: seedFile,
      INDELIBLE_DRAIN_SECONDS: String(drains),
    },
  })

const event = { action: 'order.paid', tenant: 'acme', actor: { id: 'u_1' } }
/** So long a node that is to stop answers: on a busy machine its end is noticed late. */
const drainSeconds = 6
/** Long enough for a machine that is busy with other tests. */
const patience = { timeout: 30_000, interval: 100 }

/** Sends one event after the other until told to stop; `id`s count up. */
function sendEvents(url: string, name: string) {
  const { post } = createRequests(url)
  const acknowledged: string[] = []
  const refused: string[] = []
  let isOver = false
  const send = async (id: string): Promise<void> => {
    const answer = await post('/v1/events', { ...event, id }).catch((error: Error) => error)
    if (!(answer instanceof Error) && answer.status <= 201) acknowledged.push(id)
    else refused.push(answer instanceof Error ? String(answer.cause) : answer.text)
  }
  const running = (async () => {
    for (let n = 0; !isOver; n++) await send(`${name}-${n}`)
  })()
  return {
    acknowledged,
    refused,
    async stop() {
      isOver = true
      await running
    },
  }
}

const isSigning = async (node: SpawnedServer): Promise<boolean> =>
  (await node.ask('/readyz')).json.signs

/** Appends through a node, and waits until its log is signed as far as that. */
async function untilSigned(node: SpawnedServer): Promise<void> {
  const { json } = await node.post('/v1/events', event)
  await vi.waitFor(async () => {
    const { checkpoint } = (await node.ask('/v1/logs/acme')).json
    expect(checkpoint?.size).toBeGreaterThan(json.index)
  }, patience)
}

test.each(['SIGKILL', 'SIGSTOP'] as const)(
  'after %s of the node that signs another one does, and one alone',
  async (signal) => {
    const store = await postgres.createDatabase()
    await using first = await spawnNode(store)
    await vi.waitFor(async () => expect(await isSigning(first)).toBe(true), patience)
    await using second = await spawnNode(store)
    await using third = await spawnNode(store)
    await untilSigned(second)
    process.kill(first.pid, signal)
    await untilSigned(third)
    const signing = await Promise.all([second, third].map(isSigning))
    expect(signing.filter(Boolean)).toHaveLength(1)
    if (signal === 'SIGSTOP') {
      process.kill(first.pid, 'SIGCONT')
      await vi.waitFor(async () => expect(await isSigning(first)).toBe(false), patience)
      await untilSigned(first)
    }
    const { signingRefusals } = (await third.ask('/readyz')).json
    expect(signingRefusals).toEqual([])
    expect((await auditData({ store, seedFile })).findings).toEqual([])
  },
)

test('a node that was paused does not go by what it knew: a key revoked meanwhile gets nothing', async () => {
  const store = await postgres.createDatabase()
  await using paused = await spawnNode(store)
  await using other = await spawnNode(store)
  const grant = { name: 'k', scopes: ['append', 'read'], tenants: ['acme'] }
  const { key, id } = (await other.post('/v1/keys', grant)).json
  const headers = { authorization: `Bearer ${key}` }
  expect((await paused.post('/v1/events', event, headers)).status).toBe(201)
  process.kill(paused.pid, 'SIGSTOP')
  expect((await other.ask(`/v1/keys/${id}`, { method: 'DELETE' })).status).toBe(204)
  const waiting = Array.from({ length: 5 }, () => paused.ask('/v1/events', { headers }))
  await delay(1_500)
  process.kill(paused.pid, 'SIGCONT')
  for (const answer of await Promise.all(waiting)) expect(answer.status).toBe(401)
})

test('nodes behind a balancer are restarted one by one without a request that fails', async () => {
  const store = await postgres.createDatabase()
  const nodes = await Promise.all([spawnNode(store, drainSeconds), spawnNode(store, drainSeconds)])
  using balancer = await startBalancer(() => nodes)
  const clients = Array.from({ length: 6 }, (_, n) => sendEvents(balancer.url, `c${n}`))
  for (const [n, node] of nodes.entries()) {
    await node.kill('SIGTERM')
    nodes[n] = await spawnNode(store, drainSeconds)
    const { url } = nodes[n]
    await vi.waitFor(() => expect(balancer.ready().map((one) => one.url)).toContain(url), patience)
  }
  for (const client of clients) await client.stop()
  expect(clients.flatMap(({ refused }) => refused)).toEqual([])
  const ids = clients.flatMap(({ acknowledged }) => acknowledged)
  const { size } = (await createRequests(balancer.url).ask('/v1/logs/acme')).json
  expect(size).toBe(ids.length)
  for (const node of nodes) await node.stop()
})

test.each(['fast', 'immediate'] as const)(
  'a restart of the database (%s) ends no node, loses nothing acknowledged, and appends go on',
  async (mode) => {
    await using own = await startPostgres()
    const store = await own.createDatabase()
    await using node = await spawnNode(store)
    const clients = Array.from({ length: 4 }, (_, n) => sendEvents(node.url, `c${n}`))
    await vi.waitFor(() => expect(clients[0]?.acknowledged.length).toBeGreaterThan(20), patience)
    await own.stop(mode)
    await vi.waitFor(async () => expect((await node.ask('/readyz')).status).toBe(503), patience)
    await own.start()
    await vi.waitFor(async () => expect((await node.ask('/readyz')).status).toBe(200), patience)
    const before = clients.map(({ acknowledged }) => acknowledged.length)
    await vi.waitFor(() => {
      for (const [n, { acknowledged }] of clients.entries()) {
        expect(acknowledged.length).toBeGreaterThan((before[n] ?? 0) + 10)
      }
    }, patience)
    for (const client of clients) await client.stop()
    // What the database's absence was answered with, if at all.
    for (const text of clients.flatMap(({ refused }) => refused)) {
      expect(text).toContain('"store-unavailable"')
    }
    const kept = new Set<string>()
    const pages = await node.ask('/v1/export?tenant=acme')
    for (const line of pages.text.trim().split('\n')) kept.add(JSON.parse(line).event.id)
    const ids = clients.flatMap(({ acknowledged }) => acknowledged)
    expect(ids.filter((id) => !kept.has(id))).toEqual([])
    await untilSigned(node)
    expect((await auditData({ store, seedFile })).findings).toEqual([])
  },
)

test('a node that is asked to stop says so first, goes on answering, and ends each connection', async () => {
  const store = await postgres.createDatabase()
  await using node = await spawnNode(store, drainSeconds)
  process.kill(node.pid, 'SIGTERM')
  await vi.waitFor(async () => expect((await node.ask('/readyz')).status).toBe(503), patience)
  const answer = await node.post('/v1/events', event)
  expect(answer.status).toBe(201)
  expect(answer.headers.get('connection')).toBe('close')
  while (!node.hasEnded()) await delay(50)
  expect(node.errors()).toBe('')
})
