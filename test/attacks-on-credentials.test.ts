import { createHmac } from 'node:crypto'
import {
  createTemporaryFolder,
  sendRaw,
  startTestServer,
  testAdminPassword,
  testRootKey,
} from '@indelible/testkit'
import { afterAll, describe, expect, test } from 'vitest'

/** What somebody does who has no credential, half of one, or one that was good once. */
const server = await startTestServer()
const { ask, post } = server
afterAll(() => server[Symbol.asyncDispose]())

const event = { action: 'a.b', actor: { id: 'u_1' } }
const password = 'a password of the tests'
const bearer = (key: string) => ({ authorization: `Bearer ${key}` })
const json = { 'content-type': 'application/json' }
const makeKey = async (scopes: string[], tenants = ['acme']) =>
  (await post('/v1/keys', { name: 'k', scopes, tenants })).json as { id: string; key: string } // 201
const statusOf = async (key: string, path = '/v1/session') =>
  (await ask(path, { headers: bearer(key) })).status
const logIn = (username: unknown, secret: unknown, headers = {}) =>
  post('/v1/login', { username, password: secret }, { authorization: '', ...headers })

await post('/v1/events', [
  { ...event, tenant: 'acme', id: 'kept', data: { canary: 'of-acme' } },
  { ...event, tenant: 'other', id: 'foreign', data: { canary: 'of-other' } },
])

describe('a signed token', () => {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

  test('is worth nothing as another kind, with another head, or with claims of one’s own (A-02, A-04, A-06, A-07, A-08)', async () => {
    const { token: session } = (await logIn('admin', testAdminPassword)).json
    const { token: viewer } = (await post('/v1/tokens', { tenant: 'acme' })).json
    expect([await statusOf(session), await statusOf(viewer)]).toEqual([200, 200])
    const [head, claims, signature] = session.split('.')
    const [viewerHead, viewerClaims, viewerSignature] = viewer.split('.')
    const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString())
    const { vkey } = (await ask('/v1/logs/acme')).json
    const signed = (first: string, second: string, secret: string) =>
      `${first}.${second}.${createHmac('sha256', secret).update(`${first}.${second}`).digest('base64url')}`
    const hs256 = { alg: 'HS256', typ: 'indelible-session+jwt' }
    const made = [
      ...[`${viewerHead}.${claims}.${signature}`, `${head}.${viewerClaims}.${viewerSignature}`],
      ...[`${head}.${claims}.${viewerSignature}`, `${head}.${viewerClaims}.${signature}`],
      // Public texts of ours as the secret: a log's key, the instance's name.
      ...[vkey, vkey.split('+').at(-1), read(claims).iss, '', testRootKey].map((one: string) =>
        signed(head, claims, one),
      ),
      ...[
        { jwk: { kty: 'oct', k: 'AA' } },
        { jku: 'http://127.0.0.1:1/' },
        { kid: '/dev/null' },
      ].map((more) => signed(encode({ ...hs256, ...more }), claims, '')),
      ...[{ exp: 4e9 }, { exp: undefined }, { nbf: 0 }, { sub: 'root' }, { aud: ['x'] }].map(
        (other) => `${head}.${encode({ ...read(claims), ...other })}.${signature}`,
      ),
      `${head}.${Buffer.from(`{"sub":"root",${JSON.stringify(read(claims)).slice(1)}`).toString('base64url')}.${signature}`,
    ]
    for (const token of made) expect([token, await statusOf(token)]).toEqual([token, 401])
  })

  test('of a former key is dead once that is revoked (A-11)', async () => {
    const before = [
      (await logIn('admin', testAdminPassword)).json.token,
      (await post('/v1/tokens', { tenant: 'acme' })).json.token,
      (await ask('/access-token?tenant=acme')).json.access_token,
    ]
    for (const token of before) expect(await statusOf(token)).toBe(200)
    expect((await post('/v1/token-key', { revoke: false })).status).toBe(201)
    for (const token of before) expect(await statusOf(token)).toBe(200)
    expect((await post('/v1/token-key', { revoke: true })).status).toBe(201)
    for (const token of before) expect(await statusOf(token)).toBe(401)
    expect(await statusOf((await logIn('admin', testAdminPassword)).json.token)).toBe(200)
  })
})

describe('an API key', () => {
  test('is its letters and nothing like them (A-13)', async () => {
    const { key } = await makeKey(['read'])
    expect(await statusOf(key)).toBe(200)
    const [, id = '', secret = ''] = key.split('_')
    const others = [
      ...[
        key.toUpperCase(),
        key.toLowerCase(),
        key.slice(0, -1),
        `${key}A`,
        key.slice(4),
        secret,
        id,
      ],
      ...[
        `ind_${id}_`,
        `ind__${secret}`,
        `IND_${id}_${secret}`,
        `ind-${id}-${secret}`,
        `ind_${id}`,
      ],
      ...[
        `ind_${id}_${secret.split('').reverse().join('')}`,
        `ind_${secret}_${id}`,
        `${key}_${secret}`,
      ],
      ...[
        `ind_${id.toUpperCase()}_${secret}`,
        key.replaceAll('_', '%5F'),
        `"${key}"`,
        `${key},${key}`,
      ],
    ]
    for (const other of others.filter((one) => one !== key)) {
      expect([other, await statusOf(other)]).toEqual([other, 401])
    }
    // Bytes that a client would not send: white space of other kinds, digits of other scripts.
    for (const odd of [
      `\t${key}\u00a0`,
      `${key}\u2028`,
      key.replace(/\d/, '\u0661'),
      `${key}\u00ad`,
    ]) {
      const request = `GET /v1/session HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${odd}\r\nconnection: close\r\n\r\n`
      expect([odd, [400, 401].includes((await sendRaw(server.url, request)).status)]).toEqual([
        odd,
        true,
      ])
    }
  })

  test('that is revoked is refused by the next request of each way it was in use (A-14)', async () => {
    const { id, key } = await makeKey(['append', 'read'])
    const { token } = (await post('/v1/tokens', { tenant: 'acme' }, bearer(key))).json
    const { access_token: access } = (await ask('/access-token', { headers: bearer(key) })).json
    for (const one of [key, token, access]) expect(await statusOf(one)).toBe(200)
    expect((await ask(`/v1/keys/${id}`, { method: 'DELETE' })).status).toBe(204)
    for (const one of [key, token, access]) expect(await statusOf(one)).toBe(401)
    expect((await post('/v1/events', event, bearer(key))).status).toBe(401)
  })

  test('that appends learns nothing of what others sent, from receipts, repeats or refusals (A-16)', async () => {
    const { key } = await makeKey(['append'])
    const texts = [
      await post('/v1/events', { ...event, id: 'own' }, bearer(key)),
      await post('/v1/events', { ...event, id: 'kept' }, bearer(key)),
      await post('/v1/events', [{ ...event }, { ...event, id: 'kept', data: {} }], bearer(key)),
      await post('/v1/events', { ...event, tenant: 'other', id: 'foreign' }, bearer(key)),
      ...(await Promise.all(
        [
          '/v1/events',
          '/v1/events/own',
          '/v1/events/kept/receipt',
          '/v1/export',
          '/v1/stream',
          '/v1/logs/acme',
        ].map((path) => ask(path, { headers: bearer(key) })),
      )),
    ]
    expect(texts.map(({ status }) => status)).toEqual([
      201,
      409,
      409,
      ...Array.from({ length: 7 }, () => 403),
    ])
    for (const { text } of texts) expect(text).not.toMatch(/of-acme|of-other|"event":\{/)
  })

  test('counts nowhere but in its header (A-15)', async () => {
    const { key } = await makeKey(['read'])
    const none = { authorization: '' }
    for (const name of ['access_token', 'key', 'api_key', 'token', 'authorization']) {
      expect((await ask(`/v1/events?${name}=${key}`, { headers: none })).json.code).toBe(
        'credentials-missing',
      )
    }
    for (const headers of [
      { 'x-api-key': key },
      { cookie: `indelible=${key}` },
      { 'proxy-authorization': `Bearer ${key}` },
      { authorization: `Basic ${btoa(`${key}:`)}` },
    ]) {
      expect((await ask('/v1/events', { headers: { ...none, ...headers } })).status).toBe(401)
    }
    const body = await ask('/v1/tokens', {
      method: 'POST',
      headers: { ...none, ...json },
      body: JSON.stringify({ tenant: 'acme', authorization: `Bearer ${key}` }),
    })
    expect(body.status).toBe(401)
  })
})

describe('a password', () => {
  test('is compared to its last byte: past NUL, past 72, and as it is spelt (A-25)', async () => {
    const long = `${'x'.repeat(80)}\u00e9`
    await post('/v1/users', { username: 'long', role: 'writer', tenants: ['acme'], password: long })
    expect((await logIn('long', long)).status).toBe(200)
    for (const other of [
      long.slice(0, 72),
      long.slice(0, -1),
      `${long} `,
      long.normalize('NFD'),
      long.toUpperCase(),
    ]) {
      expect((await logIn('long', other)).status).toBe(401)
    }
    const nul = await ask('/v1/login', {
      method: 'POST',
      headers: { ...json, authorization: '' },
      body: JSON.stringify({ username: 'long', password: `${long}\u0000` }),
    })
    expect(nul.json.code).toBe('json-malformed')
  })

  test('wrong, of nobody, or of who is disabled: one answer to the letter (A-17)', async () => {
    const user = { username: 'disabled', role: 'writer', tenants: ['acme'], password }
    await post('/v1/users', user)
    await ask('/v1/users/disabled', { method: 'PATCH', headers: json, body: '{"disabled":true}' })
    const answers = await Promise.all(
      [
        ['nobody', password],
        ['disabled', password],
        ['admin', 'wrong'],
        ['_system', password],
        ['no user name', password],
      ].map(async ([username, secret]) => {
        const { status, text, headers } = await logIn(username, secret)
        return [status, text, headers.get('set-cookie'), headers.get('retry-after')]
      }),
    )
    expect(answers).toEqual(Array.from({ length: 5 }, () => answers[0]))
    expect(answers[0]?.[0]).toBe(401)
  })

  test('that is no text, or too long for one, is refused before anything is hashed (A-20)', async () => {
    const statuses = await Promise.all(
      ['x'.repeat(1_048_576), 'x'.repeat(5_000), ['admin'], { $ne: '' }, null, 1, true].map(
        async (secret) => (await logIn('admin', secret)).status,
      ),
    )
    expect(statuses).toEqual([413, 422, 422, 422, 422, 422, 422])
  })
})

describe('many log-ins', async () => {
  const limited = await startTestServer()
  afterAll(() => limited[Symbol.asyncDispose]())
  const tryIn = (username: string, secret: string, headers = {}) =>
    limited.post('/v1/login', { username, password: secret }, { authorization: '', ...headers })

  test('of one user are held up, whoever claims to come from where, and for a time (A-19, A-24)', async () => {
    for (let n = 0; n < 10; n++) {
      const from = `203.0.113.${n}`
      const claims = {
        'x-forwarded-for': from,
        forwarded: `for=${from}`,
        'x-real-ip': from,
        'x-forwarded-user': 'admin',
      }
      expect((await tryIn('admin', 'wrong', claims)).status).toBe(401)
    }
    const known = await tryIn('ADMIN', testAdminPassword, { 'x-forwarded-for': '198.51.100.9' })
    expect([known.status, known.json.code]).toEqual([429, 'rate-exceeded'])
    expect(Number(known.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(Number(known.headers.get('retry-after'))).toBeLessThanOrEqual(300)
    // Keys are another matter: nobody is locked out of the service.
    expect((await limited.ask('/v1/session')).status).toBe(200)
    const { json: found } = await limited.ask('/v1/events?tenant=_system&action=session.denied')
    const places = found.entries.map(
      (entry: { event: { context: { ip: string } } }) => entry.event.context.ip,
    )
    expect(new Set(places)).toEqual(new Set(['127.0.0.1']))
  })

  test('at once keep a bound, and hold up no append (A-20)', async () => {
    const flood = Array.from({ length: 200 }, (_, n) => tryIn(`u-${n}`, 'wrong'))
    const appends = Array.from({ length: 100 }, (_, n) =>
      limited.post('/v1/events', { ...event, id: `during-${n}` }),
    )
    expect((await Promise.all(appends)).map(({ status }) => status)).toEqual(appends.map(() => 201))
    const statuses = (await Promise.all(flood)).map(({ status }) => status)
    // One address may try 50 times; what is decided is decided a few at a time.
    expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(50)
    expect(new Set(statuses)).toEqual(new Set([401, 429]))
  })
})

test('what the first start made is not made again, nor taken from the settings of a later one (A-21)', async () => {
  using temporary = createTemporaryFolder()
  const folder = `${temporary.path}/data`
  const first = await startTestServer({ folder })
  const changed = { current: testAdminPassword, next: 'changed since the start' }
  const { token } = (
    await first.post('/v1/login', { username: 'admin', password: testAdminPassword })
  ).json
  expect((await first.post('/v1/password', changed, bearer(token))).status).toBe(204)
  await first.stop()
  const config = { adminPassword: 'of a later start', rootKey: 'root-key-of-a-later-start' }
  await using second = await startTestServer({ folder, config })
  const tries = [testAdminPassword, 'of a later start', 'changed since the start'].map(
    async (secret) =>
      (await second.post('/v1/login', { username: 'admin', password: secret })).status,
  )
  expect(await Promise.all(tries)).toEqual([401, 401, 200])
  // The former root key, which was never stored, ended with its setting.
  const roots = [testRootKey, config.rootKey].map(
    async (key) => (await second.ask('/v1/session', { headers: bearer(key) })).status,
  )
  expect(await Promise.all(roots)).toEqual([401, 200])
})

test('no header makes a caller somebody else, or somewhere else (A-24)', async () => {
  const { key, id } = await makeKey(['read', 'append'])
  const claims = {
    ...{
      'x-forwarded-for': '203.0.113.7',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'evil.example',
    },
    ...{
      'x-forwarded-user': 'admin',
      'x-remote-user': 'admin',
      'remote-user': 'root',
      'x-user': 'root',
    },
    ...{
      forwarded: 'for=203.0.113.7;proto=https',
      'x-real-ip': '203.0.113.7',
      'x-client-cert': 'CN=root',
    },
    'x-original-url': '/v1/keys',
  }
  const me = await ask('/v1/session', { headers: { ...bearer(key), ...claims } })
  expect(me.json).toMatchObject({ kind: 'key', id, scopes: ['read', 'append'], tenants: ['acme'] })
  expect((await ask('/v1/keys', { headers: { ...bearer(key), ...claims } })).status).toBe(403)
  expect((await ask('/v1/session', { headers: { authorization: '', ...claims } })).status).toBe(401)
  await ask('/v1/events?actor.id=u_1', { headers: { ...bearer(key), ...claims } })
  const { json: found } = await ask(
    `/v1/events?tenant=_system&action=events.searched&actor.id=${id}`,
  )
  expect(found.entries[0].event.context.ip).toBe('127.0.0.1')
  const link =
    (await ask('/v1/events?limit=1', { headers: { ...bearer(key), ...claims } })).headers.get(
      'link',
    ) ?? ''
  expect(link).not.toContain('evil.example')
})
