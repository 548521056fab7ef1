import { startTestServer, testAdminPassword } from '@indelible/testkit'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type AccessUnderTest, startAccess } from './testing/start-access.ts'

/** Without spaces: it could be a cookie's value. */
const rootKey = 'root-key-of-these-tests'
const password = 'correct horse battery'
const host = 'audit.example.com'
/** What a page of the console sends with every request of its own. */
const own = {
  host,
  origin: `https://${host}`,
  'sec-fetch-site': 'same-origin',
  'indelible-console': '1',
}
type Headers = Readonly<Record<string, string | undefined>>

let access: AccessUnderTest
beforeEach(async () => {
  access = await startAccess({ rootKey })
  const body = { username: 'ada', role: 'admin', tenants: ['acme'], password }
  await access.ask('POST', '/v1/users', { as: rootKey, body })
})
afterEach(() => access.stop())

/** Only those that have a value. */
const defined = (headers: Headers): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).flatMap(([n, v]) => (v === undefined ? [] : [[n, v]])))

const signIn = (headers: Headers = own) =>
  access.ask('POST', '/v1/login', {
    body: { username: 'ada', password, cookie: true },
    headers: defined(headers),
  })

/** `name=value` of the cookie that an answer sets. */
const cookieOf = (answer: { headers: Readonly<Record<string, unknown>> }): string =>
  String(answer.headers['set-cookie']).split(';')[0] ?? ''

const ask = (method: 'GET' | 'POST' | 'DELETE', path: string, cookie: string, headers = {}) =>
  access.ask(method, path, {
    headers: defined({ ...own, cookie, ...headers }),
    ...(path === '/v1/tokens' ? { body: { tenant: 'acme' } } : {}),
  })

test('a sign-in by cookie tells no script the token, and binds the cookie to the host over TLS (S-07)', async () => {
  const answer = await signIn()
  expect(answer.status).toBe(200)
  expect(answer.body).toEqual({ expires: '2026-11-21T00:00:00.000Z' })
  expect(answer.headers['set-cookie']).toMatch(
    /^__Host-indelible=[\w.-]+; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict; Secure$/,
  )
})

test('without TLS the cookie goes by its plain name, or no browser would keep it', async () => {
  const answer = await signIn({ host, origin: `http://${host}`, 'indelible-console': '1' })
  expect(answer.headers['set-cookie']).toMatch(
    /^indelible=[\w.-]+; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/,
  )
  const unsure = await signIn({ ...own, origin: undefined })
  expect(cookieOf(unsure)).toMatch(/^__Host-indelible=/)
})

test('a log-in that asks for no cookie gets none', async () => {
  const { body, headers } = await access.ask('POST', '/v1/login', {
    body: { username: 'ada', password },
  })
  expect(body.token).toEqual(expect.any(String))
  expect(headers['set-cookie']).toBeUndefined()
})

test('the cookie is its user, until the log-out, which takes it back (S-02)', async () => {
  const cookie = cookieOf(await signIn())
  const me = await ask('GET', '/v1/session', cookie)
  expect(me.body).toEqual({
    ...{ kind: 'user', id: 'ada', name: 'ada', role: 'admin' },
    ...{ scopes: ['append', 'read', 'export', 'admin'], tenants: ['acme'], filter: null },
    expires: '2026-11-21T00:00:00.000Z',
  })
  expect((await ask('POST', '/v1/tokens', cookie)).status).toBe(201)
  const out = await ask('POST', '/v1/logout', cookie)
  expect(out.status).toBe(204)
  expect(out.headers['set-cookie']).toMatch(/^__Host-indelible=; Path=\/; Max-Age=0; .*; Secure$/)
  expect((await ask('GET', '/v1/session', cookie)).body.code).toBe('credentials-invalid')
})

test('a cookie is refused at once when its user changes the password, is disabled, or is removed (S-03)', async () => {
  const change = (body: object) =>
    access.ask('PATCH', '/v1/users/ada', { as: rootKey, body }).then(({ status }) => status)
  const disable = async () => [await change({ disabled: true }), await change({ disabled: false })]
  const renew = (cookie: string) =>
    access.ask('POST', '/v1/password', {
      headers: { ...own, cookie },
      body: { current: password, next: password },
    })
  const remove = () => access.ask('DELETE', '/v1/users/ada', { as: rootKey })
  for (const end of [renew, disable, remove]) {
    const cookie = cookieOf(await signIn())
    expect((await ask('GET', '/v1/session', cookie)).status).toBe(200)
    await end(cookie)
    expect((await ask('GET', '/v1/session', cookie)).status).toBe(401)
  }
})

test('the Authorization header wins over the cookie, and needs no proof of its page', async () => {
  const cookie = cookieOf(await signIn())
  const headers = { cookie, authorization: `Bearer ${rootKey}`, 'sec-fetch-site': 'cross-site' }
  const { body } = await access.ask('GET', '/v1/session', { headers })
  expect(body).toMatchObject({ kind: 'root', role: null, expires: null })
  const wrong = { ...headers, authorization: 'Bearer nonsense' }
  expect((await access.ask('GET', '/v1/session', { headers: wrong })).status).toBe(401)
})

test('no other credential is taken from the cookie: not the root key, an API key, a viewer token', async () => {
  const body = { name: 'k', scopes: ['read'], tenants: ['acme'] }
  const { key } = (await access.ask('POST', '/v1/keys', { as: rootKey, body })).body
  const { token } = (
    await access.ask('POST', '/v1/tokens', { as: rootKey, body: { tenant: 'acme' } })
  ).body
  for (const secret of [rootKey, key, token, '', '""', 'a'.repeat(10_000)]) {
    // Known by its header first: what was verified for one must not do for the other.
    await access.ask('GET', '/v1/session', { as: secret })
    for (const name of ['indelible', '__Host-indelible']) {
      expect((await ask('GET', '/v1/session', `${name}=${secret}`)).status).toBe(401)
    }
  }
})

test('a neighbour’s second cookie is refused, and a plain one never replaces the bound one (S-07)', async () => {
  const cookie = cookieOf(await signIn())
  const other = 'indelible=eyJhbGciOiJIUzI1NiJ9.e30.x'
  expect((await ask('GET', '/v1/session', `${other}; ${cookie}; theme=dark`)).status).toBe(200)
  expect((await ask('GET', '/v1/session', `${cookie}; ${cookie}`)).status).toBe(401)
  expect((await ask('GET', '/v1/session', `xindelible=1; ${other}`)).status).toBe(401)
})

test('over TLS a plain cookie, which a subdomain could have set, signs nobody in (S-07)', async () => {
  const plain = cookieOf(await signIn({ ...own, origin: `http://${host}` }))
  expect(plain).toMatch(/^indelible=/)
  const read = async (headers: Headers) => (await ask('GET', '/v1/session', plain, headers)).status
  expect(await read({ origin: undefined })).toBe(401)
  expect(await read({})).toBe(401)
  expect((await ask('POST', '/v1/tokens', plain)).status).toBe(401)
  for (const local of ['127.0.0.1:4680', 'localhost:4680', 'a.localhost', '[::1]:4680']) {
    expect([local, await read({ host: local, origin: undefined })]).toEqual([local, 200])
  }
  expect(await read({ host: '127.0.0.1.evil.example', origin: undefined })).toBe(401)
  const behindHttp = { origin: undefined, 'sec-fetch-site': undefined }
  expect(await read(behindHttp)).toBe(200)
})

test('a cookie header of any shape is read in one pass, and signs nobody in', async () => {
  for (const shape of [`indelible=${' '.repeat(15_000)}x y`, '=', ';;=;', 'indelible', ' = x']) {
    expect((await ask('GET', '/v1/session', shape)).status).toBe(401)
  }
})

test.each<[string, Headers]>([
  ['another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
  ['a neighbour on the same site', { 'sec-fetch-site': 'same-site', origin: `https://x.${host}` }],
  ['a typed address', { 'sec-fetch-site': 'none', origin: undefined }],
  ['an older browser, elsewhere', { 'sec-fetch-site': undefined, origin: 'https://evil.example' }],
  ['another port', { 'sec-fetch-site': undefined, origin: `https://${host}:8443` }],
  ['a sandboxed frame', { 'sec-fetch-site': undefined, origin: 'null' }],
  ['nowhere', { 'sec-fetch-site': undefined, origin: undefined }],
  ['our origin, by a form', { 'indelible-console': undefined }],
  ['our origin, with another value', { 'indelible-console': '0' }],
])(
  'what changes something is refused from %s, signed in or signing in (S-05)',
  async (_, headers) => {
    const cookie = cookieOf(await signIn())
    for (const path of ['/v1/logout', '/v1/tokens', '/v1/users']) {
      const { status, body } = await ask('POST', path, cookie, headers)
      expect([path, status, body.code]).toEqual([path, 403, 'forgery-suspected'])
    }
    expect((await ask('DELETE', '/v1/users/ada', cookie, headers)).status).toBe(403)
    expect((await signIn({ ...own, ...headers })).body.code).toBe('forgery-suspected')
    expect((await ask('GET', '/v1/session', cookie)).status).toBe(200)
  },
)

test('an older browser is believed by its Origin, whatever the case and port of the host', async () => {
  const headers = {
    host: 'Audit.Example.com:4680',
    origin: 'http://audit.example.com:4680',
    'sec-fetch-site': undefined,
  }
  const answer = await signIn({ ...own, ...headers })
  expect(answer.status).toBe(200)
  expect((await ask('POST', '/v1/logout', cookieOf(answer), headers)).status).toBe(204)
})

test('a read by cookie is answered to our own pages and to a typed address, to no other site (S-05)', async () => {
  const cookie = cookieOf(await signIn())
  const read = async (site: string | undefined) =>
    (await ask('GET', '/v1/session', cookie, { 'sec-fetch-site': site })).status
  expect(await Promise.all(['same-origin', 'none', undefined].map(read))).toEqual([200, 200, 200])
  expect(await Promise.all(['cross-site', 'same-site', 'x'].map(read))).toEqual([403, 403, 403])
  const older = { 'sec-fetch-site': undefined, origin: `https://${host}:8443` }
  expect((await ask('GET', '/v1/session', cookie, older)).status).toBe(403)
})

test('a live stream opened by the cookie ends with the session', async () => {
  await using server = await startTestServer()
  const headers = { authorization: '', 'indelible-console': '1', origin: server.url }
  const answer = await server.post(
    '/v1/login',
    { username: 'admin', password: testAdminPassword, cookie: true },
    headers,
  )
  const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? ''
  await server.post('/v1/events', { action: 'a.b', actor: { id: 'u_1' } })
  const stream = await fetch(`${server.url}/v1/stream`, { headers: { cookie } })
  expect(stream.status).toBe(200)
  const reader = stream.body?.getReader()
  await reader?.read()
  const logOut = await server.post('/v1/logout', undefined, { ...headers, cookie })
  expect(logOut.status).toBe(204)
  expect(await reader?.read()).toMatchObject({ done: true })
  expect((await fetch(`${server.url}/v1/stream`, { headers: { cookie } })).status).toBe(401)
})
