import { request } from 'node:http'
import { gzipSync } from 'node:zlib'
import {
  createTemporaryFolder,
  spawnServer,
  startTestServer,
  testRootKey,
} from '@indelible/testkit'
import * as cloudEvents10 from 'cloudevents'
import * as cloudEvents8 from 'cloudevents-8'
import { afterAll, describe, expect, test } from 'vitest'
import { openDroppingFront } from './dialects/dropping-front.ts'

/** CloudEvents 1.0 over HTTP, by the package `cloudevents` as it comes from the registry. */
const sdks = {
  '10.0.0': cloudEvents10,
  '8.0.2': cloudEvents8 as unknown as typeof cloudEvents10, // what is called is the same in both
}
const { HTTP, Mode } = cloudEvents10
const server = await startTestServer()
afterAll(() => server[Symbol.asyncDispose]())

const plain = {
  ...{ id: 'e-1', source: '/billing', type: 'invoice.paid', subject: 'invoice/42' },
  ...{ time: '2026-01-02T03:04:05.678Z', data: { amount: '12.50' } },
}
const structured = 'application/cloudevents+json'
const batched = 'application/cloudevents-batch+json'

async function openTenant(tenant: string) {
  const body = { name: tenant, scopes: ['append', 'read'], tenants: [tenant] }
  const { key } = (await server.post('/v1/keys', body)).json
  const headers = { authorization: `Bearer ${key}` }
  return {
    ...{ key: key as string, headers },
    post: (contentType: string, body: unknown, more: Record<string, string> = {}) =>
      server.ask('/cloudevents', {
        method: 'POST',
        headers: { ...headers, 'content-type': contentType, ...more },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    events: async () => {
      const { json } = await server.ask('/v1/events?order=asc', { headers })
      return json.entries.map(({ event }: { event: unknown }) => event)
    },
    size: async () => (await server.ask(`/v1/logs/${tenant}`)).json.size ?? 0,
  }
}

const spec = { specversion: '1.0', ...plain }

describe.each(Object.keys(sdks) as (keyof typeof sdks)[])('the SDK, version %s,', (version) => {
  const { CloudEvent, emitterFor, httpTransport } = sdks[version]

  /** A tenant that the SDK delivers to. */
  async function open(name: string) {
    const tenant = await openTenant(`sdk-${version}-${name}`)
    type Event = cloudEvents10.CloudEvent<unknown>
    return {
      ...tenant,
      emit: async (
        mode: cloudEvents10.Mode,
        event: Event,
        { url = server.url, headers = tenant.headers } = {},
      ) => {
        const emit = emitterFor(httpTransport(`${url}/cloudevents`), { mode })
        const { body } = (await emit(event, { headers })) as { body: string } // of httpTransport
        return body === '' ? undefined : JSON.parse(body)
      },
    }
  }

  test.each([Mode.BINARY, Mode.STRUCTURED])('delivers an event, %s', async (mode) => {
    const tenant = await open(mode)
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
    const event = new CloudEvent({
      ...plain,
      data: { before: { plan: 'free' }, after: { plan: 'pro' }, reason: 'upgrade' },
      ...{ actorid: 'u_1', actortype: 'employee', region: 'eu' },
      traceparent: `00-${trace}-00f067aa0ba902b7-01`,
    })
    const head = await tenant.emit(mode, event)
    expect(head).toMatchObject({ tenant: `sdk-${version}-${mode}`, index: 0 })
    expect(await tenant.events()).toMatchObject([
      {
        ...{ action: 'invoice.paid', source: '/billing', time: plain.time },
        actor: { type: 'employee', id: 'u_1' },
        targets: [{ type: 'subject', id: 'invoice/42' }],
        changes: { before: { plan: 'free' }, after: { plan: 'pro' } },
        context: { dialect: 'cloudevents', trace },
        data: { id: 'e-1', specversion: '1.0', region: 'eu', data: { reason: 'upgrade' } },
      },
    ])
    expect(await tenant.emit(mode, event)).toEqual({ ...head, duplicate: true })
    const otherSource = event.cloneWith({ source: '/shop' })
    expect(await tenant.emit(mode, otherSource)).toMatchObject({ index: 1 })
    const other = event.cloneWith({ type: 'invoice.lost' })
    expect(await tenant.emit(mode, other)).toMatchObject({ code: 'idempotency-conflict' })
  })

  test('needs no time, encodes no header, and sends any data', async () => {
    const tenant = await open('data')
    const send = (id: string, more: object) =>
      tenant.emit(Mode.BINARY, new CloudEvent({ ...plain, id, ...more }))
    await send('a', { subject: 'Zoë 100 %' })
    await send('b', { datacontenttype: 'text/plain', data: 'a line' })
    await send('c', { data: undefined, data_base64: Buffer.from([0, 255]).toString('base64') })
    const events = await tenant.events()
    expect(events[0].targets[0].id).toBe('Zoë 100 %')
    expect(events[1].data.data).toBe('a line')
    expect(events).toHaveLength(3)
  })

  test('is answered in JSON whatever goes wrong', async () => {
    const event = new CloudEvent(plain)
    const tenant = await open('faults')
    for (const authorization of ['', 'Bearer wrong']) {
      const refused = await tenant.emit(Mode.BINARY, event, { headers: { authorization } })
      expect(refused.status).toBe(401)
    }
    const invalid = event.cloneWith({ tenantid: 'not a tenant' })
    expect(await tenant.emit(Mode.STRUCTURED, invalid)).toMatchObject({
      code: 'event-invalid',
      errors: [{ pointer: '/tenantid' }],
    })
    const big = event.cloneWith({ data: 'x'.repeat(17 * 1024 * 1024) })
    const refused = await tenant.emit(Mode.STRUCTURED, big).catch((error) => error)
    // Refused before it was all sent: either the answer, or the end of the connection.
    expect(refused.code).toMatch(/body-too-large|EPIPE|ECONNRESET/)
    expect(await tenant.size()).toBe(0)
  })

  test('sends again after a dropped connection, and nothing is doubled', async () => {
    const tenant = await open('dropped')
    await using front = await openDroppingFront(server.url)
    const event = new CloudEvent(plain)
    const emit = () => tenant.emit(Mode.BINARY, event, front)
    await expect(emit()).rejects.toThrow()
    expect(await emit()).toMatchObject({ index: 0, duplicate: true })
    expect(await tenant.size()).toBe(1)
  })
})

describe('a batch', () => {
  test('is what the SDK itself reads as one, kept whole, in order; an empty one is fine', async () => {
    const tenant = await openTenant('batch')
    const batch = ['a', 'b', 'c'].map((id) => ({ ...spec, id }))
    expect(
      HTTP.toEvent({ headers: { 'content-type': batched }, body: JSON.stringify(batch) }),
    ).toHaveLength(3)
    const sent = await tenant.post(`${batched}; charset=utf-8`, batch)
    expect(sent.status).toBe(201)
    expect(sent.json.entries).toMatchObject([{ index: 0 }, { index: 1 }, { index: 2 }])
    expect((await tenant.post(batched, batch)).status).toBe(200)
    expect((await tenant.post('Application/CloudEvents-Batch+JSON', [])).json).toEqual({
      entries: [],
    })
    const zipped = await server.ask('/cloudevents', {
      method: 'POST',
      headers: { ...tenant.headers, 'content-type': batched, 'content-encoding': 'gzip' },
      body: new Uint8Array(gzipSync(JSON.stringify([{ ...spec, id: 'd' }]))),
    })
    expect(zipped.json.entries).toMatchObject([{ index: 3 }])
    expect(await tenant.size()).toBe(4)
  })

  test('with one bad event is refused whole, with every fault by pointer', async () => {
    const tenant = await openTenant('batch-faults')
    const { type: _, ...typeless } = spec
    const batch = [spec, typeless, { ...spec, id: 'x', actorid: {} }, { ...spec, Bad: 1 }, 7]
    const { status, json } = await tenant.post(batched, batch)
    expect([status, json.code]).toEqual([422, 'event-invalid'])
    const pointers = json.errors.map(({ pointer }: { pointer: string }) => pointer)
    expect(pointers).toEqual(expect.arrayContaining(['/1/type', '/2/actorid', '/3/Bad', '/4']))
    const late = await tenant.post(batched, [spec, { ...spec, id: 'y', time: 'soon' }])
    expect(late.json.errors).toMatchObject([{ pointer: '/1/time' }])
    const many = await tenant.post(batched, Array(10_001).fill({}))
    expect(many.json.errors).toMatchObject([{ pointer: '' }])
    expect(await tenant.size()).toBe(0)
  })
})

test('faults are named by attribute, of every mode', async () => {
  const tenant = await openTenant('faults')
  const faults: [object, string][] = [
    [{ specversion: '0.3' }, '/specversion'],
    [{ id: '' }, '/id'],
    [{ source: 7 }, '/source'],
    [{ type: 'a'.repeat(201) }, '/type'],
    [{ subject: 'a'.repeat(3_000) }, '/subject'],
    [{ data: { constructor: 1 } }, '/data/constructor'],
    [{ data_base64: 'AA==' }, '/data_base64'],
    [{ data: undefined, data_base64: '?' }, '/data_base64'],
    [{ time: '2126-01-01T00:00:00Z' }, '/time'],
  ]
  for (const [more, pointer] of faults) {
    const { status, json } = await tenant.post(structured, { ...spec, ...more })
    expect([status, json.errors?.[0].pointer], JSON.stringify(more)).toEqual([422, pointer])
  }
  const binary = { 'ce-specversion': '1.0', 'ce-id': 'a', 'ce-source': 's' }
  for (const [more, pointer] of [
    [{}, '/type'],
    [{ 'ce-type': 't', 'ce-subject': '%00' }, '/subject'],
    [{ 'ce-type': 't', 'ce-data': 'x' }, '/data'],
    [{ 'ce-type': 't', 'ce-time': 'soon' }, '/time'],
  ] as const) {
    const { status, json } = await tenant.post('application/json', '{}', { ...binary, ...more })
    expect([status, json.errors?.[0].pointer], JSON.stringify(more)).toEqual([422, pointer])
  }
  for (const type of ['application/cloudevents+xml', 'application/json', 'text/plain']) {
    expect((await tenant.post(type, '{}')).json.code, type).toBe('media-type-unsupported')
  }
  expect((await tenant.post(structured, '{')).json.code).toBe('json-malformed')
  expect(await tenant.size()).toBe(0)
})

test('headers are decoded once, unquoted, and read as UTF-8 where they are', async () => {
  const tenant = await openTenant('headers')
  const subjects = {
    'Euro%20%E2%82%AC': 'Euro €',
    '%2541': '%41',
    '"quoted \\"name\\""': 'quoted "name"',
    '100 %': '100 %',
    '%ff': '%ff',
    [Buffer.from('Zoë').toString('latin1')]: 'Zoë',
  }
  for (const [n, sent] of Object.keys(subjects).entries()) {
    const binary = { 'ce-specversion': '1.0', 'ce-source': 's', 'ce-type': 't' }
    await tenant.post('application/json', '{}', { ...binary, 'ce-id': `${n}`, 'ce-subject': sent })
  }
  const kept = (await tenant.events()).map(
    ({ targets }: { targets: { id: string }[] }) => targets[0]?.id,
  )
  expect(kept).toEqual(Object.values(subjects))
})

test('what is secret in a payload is taken out of it, also out of base64', async () => {
  const tenant = await openTenant('secrets')
  const secret = JSON.stringify({ password: 'hunter2-hunter2' })
  const data_base64 = Buffer.from(secret).toString('base64')
  const event = { ...spec, data: undefined, datacontenttype: 'application/json', data_base64 }
  expect((await tenant.post(structured, event)).status).toBe(201)
  const text = JSON.stringify(await tenant.events())
  expect(text).not.toContain('hunter2')
  expect(text).not.toContain(data_base64)
})

test('the webhook handshake grants any origin, at any rate, and asks for no credential', async () => {
  const headers = {
    ...{ authorization: '', 'webhook-request-origin': 'eventemitter.example.com' },
    'webhook-request-rate': '120',
  }
  const answer = await server.ask('/cloudevents', { method: 'OPTIONS', headers })
  expect(answer.status).toBe(200)
  expect(answer.headers.get('webhook-allowed-origin')).toBe('*')
  expect(answer.headers.get('webhook-allowed-rate')).toBe('*')
  expect(answer.headers.get('allow')).toContain('POST')
})

test('a token in the URL is taken where there is no other, and reaches nothing that is kept', async () => {
  using temporary = createTemporaryFolder()
  const folder = `${temporary.path}/data`
  const environment = { INDELIBLE_LOG_LEVEL: 'trace' }
  await using talkative = await spawnServer({ folder, environment })
  const { key } = (
    await talkative.post('/v1/keys', { name: 'k', scopes: ['append'], tenants: ['urls'] })
  ).json
  const post = (search: string, body: unknown = spec, headers = {}) =>
    talkative.ask(`/cloudevents?${search}`, {
      method: 'POST',
      headers: { authorization: '', 'content-type': structured, ...headers },
      body: JSON.stringify(body),
    })
  expect((await post(`access_token=${key}`)).status).toBe(201)
  expect((await post(`access_token=${key}&tenant=urls`, {})).status).toBe(422)
  expect((await post(`access_token=${key}&tenant=other`)).status).toBe(403)
  const both = { authorization: `Bearer ${testRootKey}` }
  expect((await post(`access_token=${key}`, spec, both)).status).toBe(401)
  expect((await post(`access_token=${key}&access_token=${key}`)).status).toBe(401)
  expect((await post('access_token=')).status).toBe(401)
  expect(
    (await talkative.ask(`/event?access_token=${key}`, { headers: { authorization: '' } })).status,
  ).toBe(401)
  const system = await talkative.ask('/v1/events?tenant=_system&limit=1000')
  const metrics = await talkative.ask('/metrics')
  await talkative.stop()
  const secret = key.slice(-20)
  for (const text of [system.text, metrics.text, talkative.output().toString()]) {
    expect(text).not.toContain(secret)
  }
})

test('a body without a length, in chunks, is read like any other', async () => {
  const tenant = await openTenant('chunks')
  const status = await new Promise((resolve, reject) => {
    const headers = { ...tenant.headers, 'content-type': structured }
    const sent = request(`${server.url}/cloudevents`, { method: 'POST', headers }, (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    })
    sent.on('error', reject)
    const text = JSON.stringify(spec)
    sent.write(text.slice(0, 20))
    sent.end(text.slice(20))
  })
  expect(status).toBe(201)
})
