import { writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import {
  createTemporaryFolder,
  sendRaw,
  spawnServer,
  startTestServer,
  type TestServer,
  testAdminPassword,
} from '@indelible/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { curl } from './dialects/curl.ts'
import { openDroppingFront } from './dialects/dropping-front.ts'

/** Callers of home-made audit services, unchanged but for host and token. */
const server = await startTestServer()
afterAll(() => server[Symbol.asyncDispose]())

/** A command, its host and token filled in; its answer can be anything. */
async function runCommand({ url }: Pick<TestServer, 'url'>, token: string, ...args: string[]) {
  const { status, body } = await curl(
    args.map((text) => text.replace('HOST', url).replace('TOKEN', token)),
  )
  // biome-ignore lint/suspicious/noExplicitAny: the test asserts its shape
  return { status, body: body as any }
}

/** A key of a tenant of its own, so that tests don't meet. */
async function openTenant(tenant: string, scopes: readonly string[] = ['append', 'read']) {
  const { json } = await server.post('/v1/keys', { name: tenant, scopes, tenants: [tenant] })
  const headers = { authorization: `Bearer ${json.key}` }
  return {
    ...{ key: json.key as string, id: json.id as string, headers },
    get: (path: string) => server.ask(path, { headers }),
    post: (path: string, body: unknown, more = {}) =>
      server.post(path, body, { ...headers, ...more }),
    size: async () => (await server.ask(`/v1/logs/${tenant}`)).json.size ?? 0,
  }
}

const login = {
  event_type: 'login_attempt',
  timestamp_utc: 1609459200,
  customer_id: 123,
  event_data: { ip: '203.0.113.7', ok: true },
}

describe('the commands of a home-made service', () => {
  test('work verbatim but for host and token', async () => {
    const { key } = await openTenant('verbatim')
    const access = await runCommand(
      ...[server, key, '-H', 'Authorization: Bearer TOKEN'],
      'HOST/access-token?valid_minutes=1800',
    )
    expect(access.status).toBe(200)
    expect(access.body).toEqual({
      ...{ access_token: expect.any(String), token_type: 'Bearer', expires_in: 108_000 },
    })
    const token = access.body.access_token
    const sent = await runCommand(
      ...[server, token, '-X', 'POST', '-H', 'Authorization: Bearer TOKEN'],
      ...['-H', 'Content-Type: application/json', '-d', JSON.stringify(login), 'HOST/event'],
    )
    expect(sent.status).toBe(201)
    expect(sent.body).toMatchObject({ event_id: expect.any(String), tenant: 'verbatim', index: 0 })
    const { event_id } = sent.body
    const second = {
      ...{ event_type: 'profile_update', timestamp: '2021-01-02T00:00:00Z', user_id: 'u_1' },
      ...{ event_details: { field: 'email' }, region: 'eu' },
    }
    const other = await runCommand(
      // The bare token.
      ...[server, token, '-X', 'POST', '-H', 'Authorization: TOKEN'],
      ...['-d', JSON.stringify(second), 'HOST/events'],
    )
    expect(other.status).toBe(201)
    const bearer = ['-H', 'Authorization: Bearer TOKEN'] as const
    const all = await runCommand(
      ...[server, token, ...bearer],
      'HOST/event?event_type=&customer_id=&timestamp_start_utc=&timestamp_end_utc=&offset=0&limit=100',
    )
    expect(all.body).toEqual([
      { ...second, event_id: other.body.event_id },
      { ...login, event_id },
    ])
    const found = await runCommand(
      ...[server, token, ...bearer],
      'HOST/event?event_type=login_attempt&customer_id=123&timestamp_start_utc=1609459200&timestamp_end_utc=1609459200&offset=0&limit=500',
    )
    expect(found.body).toEqual([{ ...login, event_id }])
    const one = await runCommand(server, token, ...bearer, `HOST/event/${event_id}`)
    expect(one.body).toEqual({ ...login, event_id })
    const byAnyField = await runCommand(
      ...[server, token, ...bearer],
      'HOST/events?user_id=u_1&region=eu&event_details.field=email',
    )
    expect(byAnyField.body).toHaveLength(1)
    const session = await runCommand(
      ...[server, '', '-X', 'POST', '-H', 'Content-Type: application/json', '-d'],
      ...[JSON.stringify({ username: 'admin', password: testAdminPassword }), 'HOST/login'],
    )
    expect(session).toEqual({ status: 200, body: { token: expect.any(String) } })
    const listed = await runCommand(
      server,
      session.body.token,
      ...bearer,
      'HOST/events?tenant=verbatim',
    )
    expect(listed.body).toHaveLength(2)
  })

  test('learn what goes wrong, and are safely run again when their answer got lost', async () => {
    const { key, size } = await openTenant('wrong')
    using temporary = createTemporaryFolder()
    const large = `${temporary.path}/large.json`
    writeFileSync(large, JSON.stringify({ ...login, event_data: { x: 'y'.repeat(17_000_000) } }))
    const bearer = ['-H', 'Authorization: Bearer TOKEN', '-H', 'Content-Type: application/json']
    for (const [token, args, status, code] of [
      ['wrong', ['-d', JSON.stringify(login)], 401, 'credentials-invalid'],
      [key, ['-d', '{"event_type":"a"}'], 422, 'event-invalid'],
      [key, ['--data-binary', `@${large}`], 413, 'body-too-large'],
    ] as const) {
      const { status: told, body } = await runCommand(
        server,
        token,
        ...bearer,
        ...args,
        'HOST/event',
      )
      expect([told, body.code]).toEqual([status, code])
    }
    await using front = await openDroppingFront(server.url)
    const idempotent = [...bearer, '-H', 'Idempotency-Key: k-1', '-d', JSON.stringify(login)]
    const run = () => runCommand(front, key, ...idempotent, 'HOST/event')
    await expect(run()).rejects.toThrow()
    expect((await run()).body).toMatchObject({ event_id: 'k-1', duplicate: true })
    expect(await size()).toBe(1)
  })

  test('keep an event as others know it, too, with what it came as', async () => {
    const tenant = await openTenant('native')
    await tenant.post('/event', login)
    await tenant.post('/events', { event_type: 'a', user_id: 7, timestamp: 1609459200.5 })
    await tenant.post('/events', { event_type: 'b' })
    const { json } = await tenant.get('/v1/events?order=asc')
    expect(json.entries.map(({ event }: { event: object }) => event)).toMatchObject([
      {
        ...{ action: 'login_attempt', actor: { type: 'customer', id: '123' }, data: login },
        ...{ time: '2021-01-01T00:00:00.000Z', context: { dialect: 'flat' } },
      },
      { actor: { type: 'user', id: '7' }, time: '2021-01-01T00:00:00.500Z' },
      { actor: { type: 'unknown', id: 'unknown' } },
    ])
  })
})

describe('lists', () => {
  test('have both ends of the times, newest first, from the offset, at most a hundred', async () => {
    const tenant = await openTenant('lists')
    for (let n = 0; n < 103; n++) {
      await tenant.post('/event', {
        ...login,
        timestamp_utc: 1_600_000_000 + n,
        customer_id: `${n}`,
      })
    }
    const ids = async (search: string) => {
      const { status, json } = await tenant.get(`/event?${search}`)
      expect(status, search).toBe(200)
      return json.map(({ customer_id }: { customer_id: string }) => Number(customer_id))
    }
    expect(await ids('limit=1000')).toEqual(Array.from({ length: 100 }, (_, n) => 102 - n))
    expect(await ids('offset=100&limit=2')).toEqual([2, 1])
    expect(await ids('offset=103')).toEqual([])
    expect(await ids('timestamp_start_utc=1600000010&timestamp_end_utc=1600000012')).toEqual([
      12, 11, 10,
    ])
    expect(await ids('customer_id=5&customer_id=6')).toEqual([6, 5])
    for (const faulty of [
      ...['limit=0', 'limit=-1', 'limit=x', 'limit=1&limit=2', 'offset=x', 'offset=10001'],
      ...['event_typ=a', 'region=eu', 'timestamp_start_utc=soon', 'tenant=*', 'customer_id=%ff'],
    ]) {
      const { status, json } = await tenant.get(`/event?${faulty}`)
      expect([status, json.code], faulty).toEqual([400, 'query-invalid'])
      expect(typeof json.error).toBe('string')
    }
  })

  test('are of flat events alone, and of the caller’s tenant', async () => {
    const [mine, other] = [await openTenant('mine'), await openTenant('other')]
    const { json } = await mine.post('/event', login)
    await mine.post('/v1/events', { id: 'n', action: 'login_attempt', actor: { id: 'u' } })
    expect((await mine.get('/events')).json).toHaveLength(1)
    expect((await mine.get('/event/n')).status).toBe(404)
    expect((await other.get('/events')).json).toEqual([])
    expect((await other.get(`/event/${json.event_id}`)).json.code).toBe('entry-unknown')
    expect((await other.get('/events?tenant=mine')).status).toBe(403)
  })

  test('are on record in _system, and secrets in neither', async () => {
    const tenant = await openTenant('secrets')
    const sent = { ...login, event_data: { password: 'hunter2-hunter2' } }
    const { json } = await tenant.post('/event', sent)
    expect((await tenant.get(`/event/${json.event_id}`)).text).not.toContain('hunter2')
    await tenant.get('/events?event_data.password=hunter2-hunter2')
    const { text } = await server.ask('/v1/events?tenant=_system&q=secrets')
    expect(text).toContain('events.searched')
    expect(text).not.toContain('hunter2')
  })
})

describe('what goes wrong', () => {
  test('is said in JSON, with pointers into what was sent, and nothing is kept', async () => {
    const tenant = await openTenant('faults')
    const faults: [unknown, string, string?][] = [
      [[login], ''],
      ['x', ''],
      [{ ...login, event_type: '' }, '/event_type'],
      [{ ...login, event_type: 'a'.repeat(201) }, '/event_type'],
      [{ ...login, event_data: {} }, '/event_data'],
      [{ ...login, event_data: undefined }, '/event_data'],
      [{ ...login, customer_id: 1.5 }, '/customer_id'],
      [{ ...login, customer_id: '' }, '/customer_id'],
      [{ ...login, customer_id: 'x'.repeat(3_000) }, '/customer_id'],
      [{ ...login, timestamp_utc: 1609459200000 }, '/timestamp_utc'],
      [{ ...login, timestamp_utc: 4_102_444_800 }, '/timestamp_utc'],
      [{ ...login, timestamp_utc: true }, '/timestamp_utc'],
      [{ event_type: 'a', timestamp: 'yesterday' }, '/timestamp', '/events'],
      [{ event_type: 'a', event_details: 'x' }, '/event_details', '/events'],
      [{ ...login, event_data: { constructor: 1 } }, '/event_data/constructor'],
      [{ ...login, event_id: 7 }, '/event_id'],
    ]
    for (const [body, pointer, path = '/event'] of faults) {
      const { status, json, headers } = await tenant.post(path, body)
      expect([status, json.code], JSON.stringify(body)).toEqual([422, 'event-invalid'])
      expect(json.errors[0].pointer, JSON.stringify(body)).toBe(pointer)
      expect(json.error).toContain('Nothing was kept')
      expect(headers.get('content-type')).toMatch(/^application\/json/)
    }
    const broken = await server.ask('/event', {
      method: 'POST',
      headers: tenant.headers,
      body: '{',
    })
    expect([broken.status, broken.json.code]).toEqual([400, 'json-malformed'])
    const big = JSON.stringify({ ...login, event_data: { x: 'y'.repeat(17 * 1024 * 1024) } })
    for (const [body, encoding] of [
      [big, 'identity'],
      [new Uint8Array(gzipSync(big)), 'gzip'],
    ] as const) {
      const headers = { ...tenant.headers, 'content-encoding': encoding }
      const answer = await server.ask('/event', { method: 'POST', headers, body })
      expect([answer.status, answer.json.code]).toEqual([413, 'body-too-large'])
    }
    expect(await tenant.size()).toBe(0)
  })

  test('is a 401 without a credential or with a wrong one, and a cookie is none', async () => {
    const session = await server.post('/v1/login', {
      username: 'admin',
      password: testAdminPassword,
    })
    for (const headers of [
      { authorization: '' },
      { authorization: 'Bearer wrong' },
      { authorization: 'Basic d3Jvbmc=' },
      { authorization: '', cookie: `indelible=${session.json.token}` },
    ]) {
      for (const [path, init] of [
        ['/event', { method: 'POST', body: JSON.stringify(login) }],
        ['/events', {}],
        ['/access-token', {}],
      ] as const) {
        const { status, json } = await server.ask(path, { ...init, headers })
        expect(status, `${path} ${JSON.stringify(headers)}`).toBe(401)
        expect(json.error).not.toBe('')
      }
    }
    const wrong = await server.post('/login', { username: 'admin', password: 'wrong wrong wrong' })
    expect([wrong.status, wrong.json.code]).toEqual([401, 'credentials-invalid'])
    const { status } = await server.post('/login', { username: 'admin' })
    expect(status).toBe(422)
  })

  test('and passwords that a page elsewhere has a visitor’s browser try lock nobody out', async () => {
    const sent = {
      method: 'POST',
      body: JSON.stringify({ username: 'admin', password: 'a guess' }),
    }
    for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://example.com' }]) {
      for (let attempt = 0; attempt < 11; attempt++) {
        const { status, json } = await server.ask('/login', { ...sent, headers })
        expect([status, json.code]).toEqual([403, 'forgery-suspected'])
      }
    }
    const own = { username: 'admin', password: testAdminPassword }
    expect((await server.post('/login', own)).status).toBe(200)
  })
})

test('a retry with the same idempotency key is no second event and gets the first answer', async () => {
  const tenant = await openTenant('retries')
  for (const key of ['7f0c2a9e-1111-4222-8333-944445555666', 'any key, of any letters: é']) {
    const encoded = { 'idempotency-key': Buffer.from(key).toString('latin1') }
    const first = await tenant.post('/event', { ...login, timestamp_utc: undefined }, encoded)
    const again = await tenant.post('/event', { ...login, timestamp_utc: undefined }, encoded)
    expect([first.status, again.status]).toEqual([201, 201])
    expect(again.json).toEqual({ ...first.json, duplicate: true })
    const other = await tenant.post('/event', { ...login, customer_id: 9 }, encoded)
    expect([other.status, other.json.code]).toEqual([409, 'idempotency-conflict'])
  }
  expect(await tenant.size()).toBe(2)
})

describe('an access token', () => {
  test('is for one tenant, appends and reads, and dies with the key it was made with', async () => {
    const tenant = await openTenant('tokens', ['append', 'read', 'export'])
    const { json } = await tenant.get('/access-token')
    expect(json.expires_in).toBe(1_800)
    const headers = { authorization: `Bearer ${json.access_token}` }
    expect((await server.post('/event', login, headers)).status).toBe(201)
    expect((await server.ask('/v1/events', { headers })).json.entries).toHaveLength(1)
    expect((await server.ask('/v1/export', { headers })).status).toBe(403)
    expect((await server.ask('/events?tenant=default', { headers })).status).toBe(403)
    expect((await server.ask('/access-token', { headers })).status).toBe(403)
    expect((await server.post('/v1/tokens', {}, headers)).status).toBe(403)
    await server.ask(`/v1/keys/${tenant.id}`, { method: 'DELETE' })
    expect((await server.ask('/events', { headers })).status).toBe(401)
    const made = await server.ask(
      '/v1/events?tenant=_system&action=token.created&data.tenant=tokens',
    )
    expect(made.json.entries).toHaveLength(1)
  })

  test('made by a session ends with its log-out, and never outlives it', async () => {
    const user = { username: 'admin', password: testAdminPassword }
    const session = { authorization: `Bearer ${(await server.post('/login', user)).json.token}` }
    const { json } = await server.ask('/access-token?valid_minutes=10080', { headers: session })
    expect(json.expires_in).toBeGreaterThan(43_000)
    expect(json.expires_in).toBeLessThanOrEqual(43_200)
    const headers = { authorization: `Bearer ${json.access_token}` }
    expect((await server.ask('/events', { headers })).status).toBe(200)
    await server.ask('/v1/logout', { method: 'POST', headers: session })
    expect((await server.ask('/events', { headers })).status).toBe(401)
  })

  test('lasts seven days at most, for one tenant that is not ours', async () => {
    for (const [search, status] of [
      ['valid_minutes=10080', 200],
      ['valid_minutes=10081', 400],
      ['valid_minutes=0', 400],
      ['valid_minutes=1.5', 400],
      ['tenant=*', 400],
      ['tenant=_system', 403],
      ['tenant=acme', 200],
    ] as const) {
      expect((await server.ask(`/access-token?${search}`)).status, search).toBe(status)
    }
  })
})

test('open tokens are given to anybody here, said loudly, recorded, and dead without the setting', async () => {
  using temporary = createTemporaryFolder()
  const folder = `${temporary.path}/data`
  const open = await spawnServer({ folder, environment: { INDELIBLE_OPEN_TOKENS: 'true' } })
  await expect.poll(() => open.errors()).toMatch(/WARNING: INDELIBLE_OPEN_TOKENS/)
  expect((await open.ask('/readyz')).text).toContain('INDELIBLE_OPEN_TOKENS')
  const anonymous = { headers: { authorization: '' } }
  const { status, json } = await open.ask('/access-token?valid_minutes=60', anonymous)
  expect(status).toBe(200)
  const headers = { authorization: `Bearer ${json.access_token}` }
  expect((await open.post('/event', login, headers)).status).toBe(201)
  expect((await open.ask('/events', { headers })).json).toHaveLength(1)
  expect((await open.ask('/v1/events?tenant=_system', { headers })).status).toBe(403)
  expect((await open.ask('/access-token?tenant=acme', anonymous)).status).toBe(403)
  // A page that whoever runs it looks at meanwhile.
  for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://example.com' }]) {
    const elsewhere = { authorization: '', ...headers }
    expect((await open.ask('/access-token', { headers: elsewhere })).status).toBe(403)
  }
  const proxied = { authorization: '', 'x-forwarded-for': '203.0.113.7' }
  expect((await open.ask('/access-token', { headers: proxied })).status).toBe(401)
  // A page elsewhere, whose name somebody lets point at this machine.
  const rebound = 'GET /access-token HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n'
  expect((await sendRaw(open.url, rebound)).status).toBe(401)
  const made = await open.ask('/v1/events?tenant=_system&action=token.created')
  expect(made.json.entries).toHaveLength(1)
  await open.stop()
  await using closed = await startTestServer({ folder })
  expect((await closed.ask('/events', { headers })).status).toBe(401)
  expect((await closed.ask('/access-token', anonymous)).status).toBe(401)
})
