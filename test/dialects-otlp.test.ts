import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import {
  createTemporaryFolder,
  findTestStore,
  spawnServer,
  startTestServer,
  testRootKey,
} from '@indelible/testkit'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { openDroppingFront } from './dialects/dropping-front.ts'
import { foreignBytes } from './dialects/foreign-bodies.ts'
import { otlpClients } from './otlp/clients.ts'

/** OTLP/HTTP logs, by OpenTelemetry's own exporters. */
const server = await startTestServer()
afterAll(() => server[Symbol.asyncDispose]())

const protobuf = 'application/x-protobuf'
const json = 'application/json'

let tenants = 0
async function openTenant() {
  const tenant = `otlp-${tenants++}`
  const body = { name: tenant, scopes: ['append', 'read'], tenants: [tenant] }
  const { key } = (await server.post('/v1/keys', body)).json
  const headers = { authorization: `Bearer ${key}` }
  return {
    ...{ name: tenant, headers },
    post: (body: unknown, more: Record<string, string> = {}) =>
      server.ask('/v1/logs', {
        method: 'POST',
        headers: { ...headers, 'content-type': json, ...more },
        body: body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body),
      }),
    events: async () => {
      const { json } = await server.ask('/v1/events?order=asc&limit=1000', { headers })
      return json.entries.map(({ event }: { event: unknown }) => event)
    },
    size: async () => (await server.ask(`/v1/logs/${tenant}`)).json.size ?? 0,
  }
}

const time = Date.parse('2026-01-02T03:04:05.678Z')

describe.each(otlpClients)('$name', ({ open }) => {
  test.each([false, true])('delivers events, gzipped: %s', async (isGzipped) => {
    const tenant = await openTenant()
    await using client = open({ url: server.url, headers: tenant.headers, isGzipped })
    const attributes = {
      ...{ 'user.id': 'u_1', 'user.name': 'Zoë', 'client.address': '203.0.113.7' },
      ...{ 'user_agent.original': 'curl', 'audit.outcome': 'failure', n: 7, rate: 0.5 },
      ...{ 'audit.target.id': 'inv-42', 'audit.target.type': 'invoice', list: ['a', 'b'] },
    }
    const body = { from: 'free', seats: 3, paid: true }
    client.emit({
      ...{ eventName: 'plan.changed', severityNumber: 9, timestamp: time, attributes, body },
    })
    client.emit({ body: 'a short line' })
    expect(await client.flush()).toMatchObject([{ code: 0 }])
    const [first, second] = await tenant.events()
    expect(first).toMatchObject({
      ...{ action: 'plan.changed', outcome: 'failure', time: '2026-01-02T03:04:05.678Z' },
      actor: { type: 'user', id: 'u_1', name: 'Zoë' },
      targets: [{ type: 'invoice', id: 'inv-42' }],
      source: expect.stringMatching(/^unknown_service/),
      context: { dialect: 'otlp', ip: '203.0.113.7', agent: 'curl' },
      data: {
        ...{ timeUnixNano: '1767323045678000000', severityNumber: 9, attributes, body },
        ...{ scope: { name: 'billing', version: '1.2.3' } },
      },
    })
    expect(second).toMatchObject({
      ...{ action: 'a short line', outcome: 'unknown', actor: { type: 'unknown' } },
    })
  })

  test('sends again what was kept but not acknowledged, and it is kept once', async () => {
    const tenant = await openTenant()
    await using front = await openDroppingFront(server.url)
    await using client = open({ url: front.url, headers: tenant.headers })
    // Two that are the same are two.
    for (const body of ['one', 'two', 'two']) client.emit({ body, timestamp: time })
    expect(await client.flush()).toMatchObject([{ code: 0 }])
    expect(await tenant.size()).toBe(3)
  })

  test('hears of a wrong key, and of an event that is none, with nothing kept', async () => {
    const tenant = await openTenant()
    const wrong = { authorization: 'Bearer wrong' }
    await using stranger = open({ url: server.url, headers: wrong })
    stranger.emit({ eventName: 'a' })
    expect(await stranger.flush()).toMatchObject([{ code: 1, error: { code: 401 } }])
    await using client = open({ url: server.url, headers: tenant.headers })
    client.emit({ eventName: 'fine' })
    client.emit({ eventName: 'early', timestamp: Date.now() + 3_600_000 })
    expect(await client.flush()).toMatchObject([{ code: 1, error: { code: 400 } }])
    client.emit({ eventName: 'large', body: 'x'.repeat(17 * 1024 * 1024) })
    expect(await client.flush()).toMatchObject([{ code: 1, error: { code: 413 } }])
    expect(await tenant.size()).toBe(0)
  })

  test('many are all kept, each once', async () => {
    const tenant = await openTenant()
    await using client = open({ url: server.url, headers: tenant.headers })
    for (let n = 0; n < 700; n++) client.emit({ eventName: `e.${n}` })
    const outcomes = await client.flush()
    expect(outcomes.map(({ code }) => code)).toEqual(outcomes.map(() => 0))
    expect(await tenant.size()).toBe(700)
  })
})

test('what a service was killed over, exporters deliver by themselves, each event once', async () => {
  using temporary = createTemporaryFolder()
  const folder = `${temporary.path}/data`
  const environment = await findTestStore(folder)
  const killed = await spawnServer({ folder, environment })
  await using front = await openDroppingFront(killed.url, Number.POSITIVE_INFINITY)
  await using clients = new AsyncDisposableStack()
  const headers = { authorization: `Bearer ${testRootKey}` }
  const flushed = otlpClients.map(({ name, open }) => {
    const client = clients.use(open({ url: front.url, headers }))
    for (let n = 0; n < 150; n++) client.emit({ eventName: 'a', body: `${name} ${n}` })
    return client.flush()
  })
  await front.dropped
  await killed.kill('SIGKILL')
  await using risen = await spawnServer({ folder, environment })
  front.turnTo(risen.url)
  for (const outcomes of await Promise.all(flushed)) expect(outcomes).toMatchObject([{ code: 0 }])
  expect((await risen.ask('/v1/logs/default')).json.size).toBe(150 * otlpClients.length)
})

const record = { timeUnixNano: '1767323045678000000', eventName: 'a' }
const toRequest = (...logRecords: unknown[]) => ({
  resourceLogs: [{ scopeLogs: [{ logRecords }] }],
})

describe('a request in JSON', () => {
  test('is answered as OTLP says, with what has no place of its own in data', async () => {
    const tenant = await openTenant()
    const attributes = [
      { key: 'audit.record.id', value: { stringValue: 'r-1' } },
      { key: 'i', value: { intValue: '9007199254740993' } },
      { key: 'j', value: { intValue: 5 } },
      { key: 'd', value: { doubleValue: 'NaN' } },
      { key: 'b', value: { bytesValue: 'AP8=' } },
      { key: 'none', value: {} },
      { key: 'a', value: { arrayValue: { values: [{ boolValue: false }, {}] } } },
      { key: 'k', value: { kvlistValue: { values: [{ key: 'x', value: { intValue: 1 } }] } } },
    ]
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'billing' } }] }
    const traceId = '5B8EFFF798038103D269B633813FC60C'
    const sent = {
      resourceLogs: [
        {
          resource,
          scopeLogs: [
            { logRecords: [{ ...record, attributes, traceId, spanId: 'EEE19B7EC3C1B174' }] },
          ],
          unknown: 1,
        },
      ],
    }
    for (const _ of [1, 2]) {
      const answer = await tenant.post(sent)
      expect([answer.status, answer.text]).toEqual([200, '{}'])
      expect(answer.headers.get('content-type')).toMatch(/^application\/json/)
    }
    const events = await tenant.events()
    expect(events).toMatchObject([
      {
        ...{ id: 'r-1', source: 'billing', context: { trace: traceId.toLowerCase() } },
        data: {
          spanId: 'eee19b7ec3c1b174',
          attributes: {
            ...{ i: '9007199254740993', j: 5, d: 'NaN', b: 'AP8=', none: null },
            ...{ a: [false, null], k: { x: 1 } },
          },
          resource: { 'service.name': 'billing' },
        },
      },
    ])
  })

  test('with faults is refused whole, each with where it is', async () => {
    const tenant = await openTenant()
    const withAttribute = (key: unknown, value: unknown) => ({
      ...record,
      attributes: [
        { key: 'fine', value: {} },
        { key, value },
      ],
    })
    const base = '/resourceLogs/0/scopeLogs/0/logRecords/1'
    for (const [bad, field] of [
      [{ ...record, timeUnixNano: 'soon' }, `${base}/timeUnixNano`],
      [{ ...record, timeUnixNano: '9999999999999999999' }, `${base}/timeUnixNano`],
      [{ ...record, body: { stringValue: 5 } }, `${base}/body/stringValue`],
      [{ ...record, severityNumber: 'INFO' }, `${base}/severityNumber`],
      [{ ...record, attributes: {} }, `${base}/attributes`],
      [withAttribute('fine', {}), `${base}/attributes/1/key`],
      [withAttribute('x', { intValue: 1.5 }), `${base}/attributes/1/value/intValue`],
      [7, base],
    ]) {
      const { status, json } = await tenant.post(toRequest(record, bad))
      expect([status, json.code], String(field)).toEqual([400, 3])
      expect(json.details[0].fieldViolations[0].field).toBe(field)
      expect(json.message).toContain(field)
    }
    expect(await tenant.size()).toBe(0)
  })

  test('of nothing is taken; what is too much, or of another type or encoding, is not', async () => {
    const tenant = await openTenant()
    expect((await tenant.post({})).status).toBe(200)
    expect((await tenant.post(toRequest())).status).toBe(200)
    expect((await tenant.post(toRequest(...Array(10_001).fill({})))).status).toBe(400)
    const scopeLogs = Array(10_001).fill({})
    expect((await tenant.post({ resourceLogs: [{ scopeLogs }] })).status).toBe(400)
    const many = Array.from({ length: 1_001 }, (_, n) => ({ key: `k${n}` }))
    expect((await tenant.post(toRequest({ ...record, attributes: many }))).status).toBe(400)
    const attributes = [{ key: 'k', value: { stringValue: 'x'.repeat(100_000) } }]
    const [request] = toRequest(...Array(1_000).fill(record)).resourceLogs
    // A megabyte at most on the wire, a hundred with its resource in every event.
    const multiplied = { resourceLogs: [{ ...request, resource: { attributes } }] }
    expect((await tenant.post(multiplied)).status).toBe(413)
    expect((await tenant.post({}, { 'content-type': 'text/plain' })).json.code).toBe(3)
    expect((await tenant.post({}, { 'content-encoding': 'zstd' })).status).toBe(415)
    expect((await tenant.post(null)).status).toBe(400)
    expect((await tenant.post([])).status).toBe(400)
    expect(await tenant.size()).toBe(0)
  })

  test('is not refused for what a visitor sent, who would wipe out the traces of others', async () => {
    const tenant = await openTenant()
    const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } })
    const pair = (key: string, value: object) => ({ kvlistValue: { values: [{ key, value }] } })
    let deep: object = { stringValue: 'bottom' }
    for (let level = 0; level < 14; level++) deep = { arrayValue: { values: [deep] } }
    const attacks: readonly object[] = [
      { attributes: [attribute('user_agent.original', 'x'.repeat(9_000))] },
      { attributes: [attribute('url.path', 'x'.repeat(9_000)), attribute('session.id', 'a\0b')] },
      { attributes: [attribute('user.id', 'x'.repeat(3_000)), attribute('user.name', '\ud800')] },
      { attributes: [attribute('audit.target.id', 'x'.repeat(3_000))] },
      { eventName: 'x'.repeat(201) },
      { eventName: 'sk-aaaaaaaaaaaaaaaaaaaaaaaa' },
      { body: pair('constructor', { intValue: 1 }) },
      { body: { arrayValue: { values: Array(11_000).fill(pair('password', { intValue: 1 })) } } },
      { body: { stringValue: 'x'.repeat(900_000) } },
      { body: deep },
    ]
    for (const [n, attack] of attacks.entries()) {
      const victim = { ...record, body: { intValue: n } }
      const sent = { ...record, ...attack }
      const { status, text } = await tenant.post(toRequest(victim, sent))
      expect([status, text], JSON.stringify(sent).slice(0, 200)).toEqual([200, '{}'])
      expect(await tenant.size()).toBe(2 * n + 2)
      // The same again is the same.
      expect((await tenant.post(toRequest(victim, sent))).status).toBe(200)
      expect(await tenant.size()).toBe(2 * n + 2)
    }
    const events = await tenant.events()
    const [agent, path, user, , action, secret, , grown] = events.filter(
      (_: object, n: number) => n % 2 === 1,
    )
    expect(agent.context.agent).toMatch(/^x{8191}…$/)
    expect(agent.data.attributes['user_agent.original']).toHaveLength(9_000)
    expect(path.context.session).toBe('a\ufffdb')
    expect(user.actor).toMatchObject({ id: expect.stringMatching(/^x{2047}…$/), name: '\ufffd' })
    expect(action).toMatchObject({ action: expect.stringMatching(/^x{199}…$/) })
    expect(action.data.eventName).toHaveLength(201)
    expect(secret.action).toBe('log.record')
    expect(grown.data).toEqual({ timeUnixNano: record.timeUnixNano, truncated: true })
  })

  test('is held to its action’s schema, whatever else is wrong with it', async () => {
    const tenant = await openTenant()
    const path = `/v1/tenants/${tenant.name}/schemas/held`
    const schema = { required: ['targets'] }
    const headers = { 'content-type': json }
    const made = await server.ask(path, {
      method: 'PUT',
      headers,
      body: JSON.stringify(schema),
    })
    expect(made.status, made.text).toBe(201)
    const held = { ...record, eventName: 'held' }
    const long = { key: 'url.path', value: { stringValue: 'x'.repeat(9_000) } }
    for (const bad of [
      ...[held, { eventName: 'held' }, { ...held, body: { stringValue: 'x'.repeat(900_000) } }],
      ...[
        { ...held, attributes: [long] },
        { eventName: 'held', attributes: [long] },
      ],
    ]) {
      expect((await tenant.post(toRequest(record, bad))).status).toBe(400)
    }
    expect(await tenant.size()).toBe(0)
  })
})

test('the logs that there are can still be listed at the same path', async () => {
  const { status, json } = await server.ask('/v1/logs')
  expect([status, Array.isArray(json.logs)]).toEqual([200, true])
})

/** Nested messages of these fields, the innermost empty. */
function nest(...fields: readonly number[]): Uint8Array {
  return fields.reduceRight<Uint8Array>(
    (inner, field) => new BinaryWriter().tag(field, WireType.LengthDelimited).bytes(inner).finish(),
    new Uint8Array(),
  )
}

describe('a request in protobuf', () => {
  const post = async (body: Uint8Array, more = {}) => {
    const tenant = await openTenant()
    const headers = { 'content-type': protobuf, ...more }
    const answer = await fetch(`${server.url}/v1/logs`, {
      ...{ method: 'POST', headers: { ...tenant.headers, ...headers } },
      body: new Uint8Array(body),
    })
    const bytes = new Uint8Array(await answer.arrayBuffer())
    expect(answer.headers.get('content-type')).toBe(protobuf)
    return { status: answer.status, bytes, tenant }
  }
  const readStatus = (bytes: Uint8Array) => {
    const reader = new BinaryReader(bytes)
    reader.tag()
    const code = reader.int32()
    reader.tag()
    return { code, message: reader.string() }
  }

  test('is answered in protobuf, faults too', async () => {
    const fine = await post(nest(1, 2, 2))
    expect([fine.status, fine.bytes.length]).toEqual([200, 0])
    expect(await fine.tenant.events()).toMatchObject([{ action: 'log.record' }])
    const wrong = await post(nest(1), { authorization: 'Bearer wrong' })
    expect([wrong.status, readStatus(wrong.bytes).code]).toEqual([401, 16])
    const cut = await post(nest(1, 2, 2).subarray(0, 3))
    expect([cut.status, readStatus(cut.bytes).code]).toEqual([400, 3])
    expect(readStatus(cut.bytes).message).toContain('protobuf')
  })

  test('that is deep, broad or cut is refused', async () => {
    const deepFields = Array.from({ length: 500 }, (_, n) => (n % 2 === 0 ? 5 : 1))
    const broad = new Uint8Array(6 * 1024 * 1024)
    for (let at = 0; at < broad.length; at += 2) broad[at] = 0x0a
    for (const [body, status] of [
      [nest(1, 2, 2, 5, ...deepFields), 400],
      [gzipSync(broad), 400],
      [gzipSync(new Uint8Array(17 * 1024 * 1024)), 413],
      [Buffer.concat([nest(1, 2, 2), Buffer.from([0xff])]), 400],
    ] as const) {
      const gzip = body[0] === 0x1f ? { 'content-encoding': 'gzip' } : {}
      const answer = await post(body, gzip)
      expect([answer.status, await answer.tenant.size()]).toEqual([status, 0])
    }
  })

  test('that holds what is no text is kept, changed visibly', async () => {
    for (const body of [
      Buffer.from([0x0a, 0x08, 0x12, 0x06, 0x12, 0x04, 0x1a, 0x02, 0xff, 0xfe]),
      Buffer.from([0x0a, 0x07, 0x12, 0x05, 0x12, 0x03, 0x1a, 0x01, 0x00]),
    ]) {
      const answer = await post(body)
      expect(answer.status).toBe(200)
      const [{ data }] = await answer.tenant.events()
      expect(data.severityText).toMatch(/^\ufffd+$/)
    }
  })

  test('near to what an exporter sends never makes a 500, or a half-kept batch', async () => {
    await using drafts = await startTestServer({ config: { otlpAudit: true } })
    const { bytes, path } = await recordRequest()
    for (const to of [path, '/v1/audit']) {
      const size = async () => (await drafts.ask('/v1/logs/default')).json.size ?? 0
      let before = await size()
      const law = fc.asyncProperty(foreignBytes(bytes), async (sent) => {
        const headers = { 'content-type': protobuf }
        const body = new Uint8Array(sent)
        const { status } = await drafts.ask(to, { method: 'POST', headers, body })
        expect(status).toBeLessThan(500)
        const after = await size()
        if (status !== 200) expect(after).toBe(before)
        before = after
      })
      await fc.assert(law, { numRuns: 250, endOnFailure: true })
      expect(before).toBeGreaterThan(0)
    }
  })
})

/** What an exporter sends of two audit records. */
async function recordRequest(): Promise<{ bytes: Uint8Array; path: string }> {
  const { promise, resolve } = Promise.withResolvers<{ bytes: Uint8Array; path: string }>()
  const stub = createServer(async (request, response) => {
    resolve({ bytes: Buffer.concat(await request.toArray()), path: request.url ?? '' })
    response.setHeader('content-type', protobuf).end()
  }).listen(0, '127.0.0.1')
  await once(stub, 'listening')
  const { port } = stub.address() as AddressInfo // listening on TCP
  const exporter = otlpClients.find(({ name }) => name.includes('proto'))
  await using client = exporter?.open({ url: `http://127.0.0.1:${port}`, headers: {} })
  for (const id of ['r-1', 'r-2']) {
    const attributes = {
      ...{ 'audit.record.id': id, 'audit.actor.id': 'u', 'audit.actor.type': 'user' },
      ...{ 'audit.action': 'LOGIN', 'audit.outcome': 'success', n: 7, list: ['a', 'b'] },
    }
    client?.emit({ eventName: 'user.login', timestamp: time, attributes, body: { a: 1.5 } })
  }
  await client?.flush()
  stub.closeAllConnections()
  stub.close()
  return promise
}
