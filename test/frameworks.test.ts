import { Agent, request } from 'node:http'
import { json as readJson } from 'node:stream/consumers'
import { type Client, createClient, type Entry } from '@indelible/client'
import { sendRaw, startTestServer, testRootKey } from '@indelible/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { startExpress4, startExpress5 } from './frameworks/express.ts'
import { startFastify } from './frameworks/fastify.ts'
import { startHono } from './frameworks/hono.ts'
import { startKoa } from './frameworks/koa.ts'
import { startNest } from './frameworks/nest.ts'
import type { Rig, StartRig } from './frameworks/rig.ts'

const server = await startTestServer()
afterAll(() => server[Symbol.asyncDispose]())

const frameworks: readonly (readonly [name: string, start: StartRig])[] = [
  ['Express 5', startExpress5],
  ['Express 4', startExpress4],
  ['Fastify 5', startFastify],
  ['Hono 4', startHono],
  ['Koa 3', startKoa],
  ['NestJS 12', startNest],
]

/** Interleaved requests of one framework. */
const interleaved = 10_000
let tenants = 0

interface Bench extends AsyncDisposable {
  readonly audit: Client
  readonly url: string
  readonly acts: string[]
  ask(path: string, init?: RequestInit & { readonly user?: string }): Promise<Response>
  /** What was recorded, in order, once there are as many entries. */
  entries(count: number): Promise<readonly Entry[]>
}

async function open(start: StartRig, url: string = server.url): Promise<Bench> {
  tenants += 1
  const options = { key: testRootKey, tenant: `t${tenants}`, drainOnSigterm: false }
  const hasLog = url === server.url
  const closeTimeoutMs = hasLog ? 30_000 : 1
  const audit = createClient({
    ...{ ...options, url, closeTimeoutMs, onDropped: () => undefined },
    // On a busy machine the log may be behind all of them.
    queueEventsMax: 2 * interleaved,
  })
  const reader = createClient({ ...options, url: server.url })
  const acts: string[] = []
  const requiredTimeoutMs = hasLog ? 30_000 : 1_000
  const rig: Rig = await start(audit, { act: (what) => acts.push(what), requiredTimeoutMs })
  return {
    audit,
    url: rig.url,
    acts,
    ask: (path, { user = 'u_1', ...init } = {}) =>
      fetch(`${rig.url}${path}`, {
        ...init,
        headers: { ...(user === '' ? {} : { 'x-user': user }), ...init.headers },
      }),
    async entries(count) {
      const search = async () => (await reader.search({ order: 'asc', limit: 1000 })).entries
      await expect.poll(async () => (await search()).length).toBe(count)
      return search()
    },
    async [Symbol.asyncDispose]() {
      await rig[Symbol.asyncDispose]()
      await audit.close()
      await reader.close()
    },
  }
}

const eventOf = ({ event }: Entry) => event
const json = (body: unknown): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})

/** Half of the work that `fetch` makes. */
const askBare = (agent: Agent, url: string, user: string): Promise<unknown> =>
  new Promise((resolve, reject) => {
    request(url, { agent, headers: { 'x-user': user } }, (response) => resolve(readJson(response)))
      .on('error', reject)
      .end()
  })

/** Reads the first bytes of an answer, and goes away. */
const abort = (url: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const asked = request(url, { headers: { 'x-user': 'u_1' } }, (response) => {
      response.once('data', () => {
        asked.destroy()
        resolve()
      })
      response.on('error', () => undefined)
    })
    asked.on('error', reject)
    asked.end()
  })

/** Ways to ask for an item, or an order, that no browser has; not every framework knows all of them. */
const oddTargets = [
  'http://evil/items/7',
  'HTTP://u:p@evil:80/items/7?a',
  'ftp://evil/items/7',
  '/items/7#8',
  '/items/7#?a',
  '/items/7?a#b',
  '/items\\7#',
  '/items/./7',
  '/x/../items/7',
  '/x/%2e%2e/items/7',
  '/%69tems/%37',
  '/items/7;a=b',
  '/items/7%23%2f%3f',
  '/items/%2537',
  'http://evil/shops/1/orders/2',
  '/shops/1/orders/2#3',
  '/x/../shops/1/orders/2',
]

describe.each(frameworks)('with %s', (_name, start) => {
  test('an action has its own name and targets, however a caller writes its address', async () => {
    await using bench = await open(start)
    const done: unknown[] = []
    for (const target of oddTargets) {
      const head = `GET ${target} HTTP/1.1\r\nhost: a\r\nx-user: u_1\r\nconnection: close\r\n\r\n`
      const { status, body } = await sendRaw(bench.url, head)
      if (status !== 200) continue
      const { id, shop, order } = JSON.parse(body.slice(body.indexOf('{'), body.indexOf('}') + 1))
      const items = { action: 'items.read', targets: [{ type: 'items', id }] }
      const shops = [
        { type: 'shops', id: shop },
        { type: 'orders', id: order },
      ]
      done.push(id === undefined ? { action: 'shops.orders.read', targets: shops } : items)
    }
    await bench.audit.flush()
    const filter = { order: 'asc', 'data.status': 200 } as const
    const { entries } = await bench.audit.search(filter)
    expect(entries.map(({ event: { action, targets } }) => ({ action, targets }))).toEqual(done)
    expect(done.length).toBeGreaterThan(5)
  })

  test('a request is on record: who, what, where, how it ended', async () => {
    await using bench = await open(start)
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
    const headers = { 'x-request-id': 'r-1', 'user-agent': 'curl/8', traceparent }
    const answer = await bench.ask('/items/42?ms=5&token=hunter2', { headers })
    expect(await answer.json()).toEqual({ id: '42' })
    const [viewed, read] = (await bench.entries(2)).map(eventOf)
    const context = {
      ip: expect.stringMatching(/127\.0\.0\.1$/),
      agent: 'curl/8',
      request: 'r-1',
      trace: '4bf92f3577b34da6a3ce929d0e0e4736',
      method: 'GET',
      path: '/items/42',
    }
    const actor = { type: 'user', id: 'u_1' }
    expect(viewed).toMatchObject({ action: 'item.viewed', actor, context })
    expect(read).toMatchObject({ action: 'items.read', actor, context, outcome: 'success' })
    expect(read?.targets).toEqual([{ type: 'items', id: '42' }])
    expect(read?.data).toEqual({
      endpoint: '/items/:id',
      status: 200,
      duration: expect.any(Number),
    })
  })

  test('a parsed body is kept without its secrets', async () => {
    await using bench = await open(start)
    const body = { name: 'Anvil', owner: { password: 'hunter2', age: 3 }, price: 1e17 }
    const answer = await bench.ask('/items', json(body))
    expect([answer.status, await answer.json()]).toEqual([201, body])
    const [event] = (await bench.entries(1)).map(eventOf)
    expect(event).toMatchObject({ action: 'items.create', outcome: 'success' })
    const owner = { password: '[redacted:password]', age: 3 }
    const payload = { name: 'Anvil', owner, price: '100000000000000000' }
    expect(event?.data).toMatchObject({ endpoint: '/items', status: 201, payload })
  })

  test('a handler that throws, a 4xx and a denial are told apart', async () => {
    await using bench = await open(start)
    const asked = ['/throws', '/invalid', '/denied', '/nowhere/42']
    const statuses = []
    for (const path of asked) statuses.push((await bench.ask(path)).status)
    expect(statuses).toEqual([500, 422, 403, 404])
    const events = (await bench.entries(4)).map(eventOf)
    expect(events.map(({ action, outcome, data }) => [action, outcome, data?.status])).toEqual([
      ['throws.read', 'failure', 500],
      ['invalid.read', 'failure', 422],
      ['denied.read', 'denied', 403],
      ['http.read', 'failure', 404],
    ])
    expect(events[3]?.data).not.toHaveProperty('endpoint')
  })

  test('a caller who goes away leaves a record of unknown outcome', async () => {
    await using bench = await open(start)
    await abort(`${bench.url}/endless`)
    const [event] = (await bench.entries(1)).map(eventOf)
    expect(event).toMatchObject({ action: 'endless.read', outcome: 'unknown' })
    expect(event?.context?.ip).toMatch(/127\.0\.0\.1$/)
    expect(event?.data).toMatchObject({ aborted: true, status: 200 })
  })

  test('streams go through untouched, in and out', async () => {
    await using bench = await open(start)
    expect(await (await bench.ask('/stream')).text()).toBe('onetwothree')
    const body = new Uint8Array(3_000_000)
    const headers = { 'content-type': 'application/octet-stream' }
    const answer = await bench.ask('/upload', { method: 'POST', headers, body })
    expect(await answer.json()).toEqual({ bytes: 3_000_000 })
    const events = (await bench.entries(2)).map(eventOf)
    expect(events.map(({ action, data }) => [action, data?.payload])).toEqual([
      ['stream.read', undefined],
      ['upload.create', undefined],
    ])
  })

  test('a route is known by its pattern, also in a mounted router; a secret in it is not kept', async () => {
    await using bench = await open(start)
    await bench.ask('/shops/7/orders/Gro%C3%9F')
    await bench.ask('/reset/hunter2hunter2')
    const [order, reset] = (await bench.entries(2)).map(eventOf)
    expect(order?.action).toBe('shops.orders.read')
    expect(order?.data).toMatchObject({ endpoint: '/shops/:shop/orders/:order' })
    expect(order?.targets).toEqual([
      { type: 'shops', id: '7' },
      { type: 'orders', id: 'Groß' },
    ])
    expect(reset?.context).toMatchObject({ path: '/reset/[redacted:token]' })
    expect(JSON.stringify(reset)).not.toContain('hunter2')
  })

  test('nobody is anonymous, even where the actor’s function throws', async () => {
    await using bench = await open(start)
    await bench.ask('/denied', { user: '' })
    const [event] = (await bench.entries(1)).map(eventOf)
    expect(event?.actor).toEqual({ type: 'anonymous', id: 'anonymous' })
  })

  test('the address is the socket’s; what a header claims is kept beside it', async () => {
    await using bench = await open(start)
    await bench.ask('/denied', { headers: { 'x-forwarded-for': '6.6.6.6, 7.7.7.7' } })
    const [event] = (await bench.entries(1)).map(eventOf)
    expect(event?.context).toMatchObject({ ip: expect.stringMatching(/127\.0\.0\.1$/) })
    expect(event?.context?.forwarded).toBe('6.6.6.6, 7.7.7.7')
  })

  test('what is skipped is not recorded', async () => {
    await using bench = await open(start)
    await bench.ask('/quiet')
    await bench.ask('/denied')
    expect((await bench.entries(1)).map(({ event }) => event.action)).toEqual(['denied.read'])
  })

  test('a required record is in the log before the action, and the action follows', async () => {
    await using bench = await open(start)
    const answer = await bench.ask('/vault', json({}))
    expect([answer.status, bench.acts]).toEqual([200, ['vault']])
    const events = (await bench.entries(2)).map(eventOf)
    expect(events.map(({ action, outcome }) => [action, outcome])).toEqual([
      ['vault.opened.attempted', 'unknown'],
      ['vault.opened', 'success'],
    ])
    expect(new Set(events.map(({ context }) => context?.request)).size).toBe(1)
  })

  test('without the log a required action is not done, and all others are', async () => {
    await using bench = await open(start, 'http://127.0.0.1:1')
    const answer = await bench.ask('/vault', json({}))
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('5')
    expect(await answer.json()).toMatchObject({ code: 'audit-unavailable' })
    expect(bench.acts).toEqual([])
    expect((await bench.ask('/items/42')).status).toBe(200)
  })

  test(`${interleaved} interleaved requests of as many actors are never mixed up`, async () => {
    await using bench = await open(start)
    const agent = new Agent({ keepAlive: true })
    let next = 0
    const callers = Array.from({ length: 100 }, async () => {
      for (let n = next++; n < interleaved; n = next++) {
        const answer = await askBare(agent, `${bench.url}/items/${n}?ms=${n % 5}`, `u_${n}`)
        expect(answer).toEqual({ id: `${n}` })
      }
    })
    await Promise.all(callers)
    agent.destroy()
    await bench.audit.flush()
    const { delivered, pending } = bench.audit.stats()
    expect({ delivered, pending }).toEqual({ delivered: 2 * interleaved, pending: 0 })
    const mixedUp: unknown[] = []
    const seen = new Map<string, number>()
    for await (const { event } of readAll(bench.audit)) {
      const [target] = event.targets ?? []
      if (`u_${target?.id}` !== event.actor?.id) mixedUp.push(event)
      seen.set(event.action, (seen.get(event.action) ?? 0) + 1)
    }
    expect(mixedUp).toEqual([])
    expect(Object.fromEntries(seen)).toEqual({
      'item.viewed': interleaved,
      'items.read': interleaved,
    })
  })
})

async function* readAll(audit: Client): AsyncGenerator<Entry> {
  let cursor: string | undefined
  do {
    const page = await audit.search({ limit: 1000, ...(cursor === undefined ? {} : { cursor }) })
    yield* page.entries
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
}
