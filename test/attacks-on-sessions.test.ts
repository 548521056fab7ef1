import { sendRaw, startTestServer, testRootKey } from '@indelible/testkit'
import { afterAll, describe, expect, test } from 'vitest'

/** What a page elsewhere, or a neighbour of the host, does with the browser of who is signed in. */
const server = await startTestServer()
const { ask, post } = server
afterAll(() => server[Symbol.asyncDispose]())

const { origin, host } = new URL(server.url)
const password = 'a password of the tests'
/** What a page of the console sends with every request of its own. */
const own = { authorization: '', origin, 'sec-fetch-site': 'same-origin', 'indelible-console': '1' }
type Headers = Readonly<Record<string, string>>

for (const username of ['ada', 'eve']) {
  await post('/v1/users', { username, role: 'admin', tenants: ['acme'], password })
}
const signIn = (username: string, headers: Headers = own) =>
  post('/v1/login', { username, password, cookie: true }, headers)
/** `name=value` of the cookie that an answer sets. */
const cookieOf = ({
  headers,
}: {
  readonly headers: { get(name: string): string | null }
}): string => headers.get('set-cookie')?.split(';')[0] ?? ''
const whoami = async (cookie: string, headers: Headers = own) =>
  (await ask('/v1/session', { headers: { ...headers, cookie } })).json
const send = (method: string, path: string, headers: Headers, body?: string) =>
  ask(path, { method, headers, ...(body === undefined ? {} : { body }) })

describe('a session', () => {
  test('is a new one at each log-in, whatever the browser was given before (S-01)', async () => {
    const planted = cookieOf(await signIn('eve'))
    const name = planted.split('=')[0] ?? ''
    for (const before of [planted, `${name}=planted-by-somebody`, `${name}=`]) {
      const after = cookieOf(await signIn('ada', { ...own, cookie: before }))
      expect(after).toMatch(new RegExp(`^${name}=eyJ`))
      expect(after).not.toBe(before)
      expect((await whoami(after)).id).toBe('ada')
      // Whoever planted it is not signed in as who came after.
      expect((await whoami(before)).id).toBeUndefined()
    }
    const chosen = { username: 'ada', password, cookie: true, token: 'x', session: 'x', jti: 'x' }
    expect((await post('/v1/login', chosen, own)).json.code).toBe('request-invalid')
  })

  test('ends with its log-out, and when its browser logs in anew, and says so on record (S-02)', async () => {
    const first = cookieOf(await signIn('ada'))
    const second = cookieOf(await signIn('ada', { ...own, cookie: first }))
    expect((await whoami(first)).code).toBe('credentials-invalid')
    const elsewhere = cookieOf(await signIn('ada'))
    expect((await whoami(second)).id).toBe('ada')
    const out = await send('POST', '/v1/logout', { ...own, cookie: second })
    expect([out.status, out.headers.get('set-cookie')]).toEqual([
      204,
      expect.stringContaining('Max-Age=0'),
    ])
    expect((await whoami(second)).code).toBe('credentials-invalid')
    // Nor does the token in it, as a program would send it.
    const bearer = { authorization: `Bearer ${second.split('=')[1]}` }
    expect((await ask('/v1/session', { headers: bearer })).status).toBe(401)
    expect((await whoami(elsewhere)).id).toBe('ada')
    const { json } = await ask('/v1/events?tenant=_system&action=session.created&order=asc')
    const ended = json.entries.flatMap(
      (entry: { event: { data?: { ended?: string } } }) => entry.event.data?.ended ?? [],
    )
    expect(ended).toContain(sessionIdOf(first))
  })

  test.each([
    [
      'the password is changed by its user',
      (cookie: string) =>
        send(
          'POST',
          '/v1/password',
          { ...own, cookie, 'content-type': 'application/json' },
          JSON.stringify({ current: password, next: 'another password' }),
        ),
    ],
    ['the password is reset', () => patch({ password: 'yet another one' })],
    ['the user is disabled', () => patch({ disabled: true })],
    ['the user is removed', () => send('DELETE', '/v1/users/bob', {})],
  ])('is over, with all of its user’s others, once %s (S-03)', async (_, end) => {
    await send('DELETE', '/v1/users/bob', {})
    expect(
      (await post('/v1/users', { username: 'bob', role: 'auditor', tenants: ['acme'], password }))
        .status,
    ).toBe(201)
    const cookies = [cookieOf(await signIn('bob')), cookieOf(await signIn('bob'))]
    const { token } = (
      await post('/v1/login', { username: 'bob', password }, { authorization: '' })
    ).json
    expect((await end(cookies[0] ?? '')).status).toBeLessThan(300)
    for (const cookie of cookies) expect((await whoami(cookie)).code).toBe('credentials-invalid')
    expect(
      (await ask('/v1/session', { headers: { authorization: `Bearer ${token}` } })).status,
    ).toBe(401)
  })
})

describe('with the cookie of who is signed in', async () => {
  const cookie = cookieOf(await signIn('ada'))
  const json = { 'content-type': 'application/json' }
  const body = JSON.stringify({ name: 'k', scopes: ['read'], tenants: ['acme'] })
  const elsewhere: Record<string, Headers> = {
    'a page elsewhere': { ...own, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    'a neighbour of the host': {
      ...own,
      origin: `http://x.${host}`,
      'sec-fetch-site': 'same-site',
    },
    'a neighbouring port': {
      authorization: '',
      'indelible-console': '1',
      origin: `http://${host.replace(/\d+$/, '1')}`,
    },
    'a sandboxed frame': { authorization: '', 'indelible-console': '1', origin: 'null' },
    nobody: { authorization: '', 'indelible-console': '1' },
    'a form of our own': { authorization: '', origin, 'sec-fetch-site': 'same-origin' },
    'a name that begins as ours': {
      ...own,
      origin: `${origin}.evil.example`,
      'sec-fetch-site': '',
    },
    'a name that ends as ours': { ...own, origin: `http://evil-${host}`, 'sec-fetch-site': '' },
    'our name in its path': { ...own, origin: `http://evil.example/${host}`, 'sec-fetch-site': '' },
    'our name as its user': { ...own, origin: `http://${host}@evil.example`, 'sec-fetch-site': '' },
  }
  // To who comes by TLS, as the Origin says, the cookie of plain HTTP is none.
  const refusals = ['forgery-suspected', 'credentials-missing']
  const keys = async () => (await ask('/v1/keys')).json.keys.length

  test.each(Object.entries(elsewhere))(
    '%s changes nothing, signs nobody in or out (S-05)',
    async (_, headers) => {
      const before = await keys()
      for (const [method, path] of [
        ['POST', '/v1/keys'],
        ['POST', '/v1/logout'],
        ['DELETE', '/v1/users/eve'],
        ['PUT', '/v1/redaction/rules/x'],
      ] as const) {
        const answer = await send(
          method,
          path,
          { ...headers, ...json, cookie },
          method === 'DELETE' ? undefined : body,
        )
        expect([path, answer.json.code]).toEqual([path, expect.toBeOneOf(refusals)])
      }
      expect((await signIn('eve', headers)).json.code).toBe('forgery-suspected')
      expect(await keys()).toBe(before)
      expect((await whoami(cookie)).id).toBe('ada')
    },
  )

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain;application/json',
    '',
  ])(
    'what a form can send without asking is refused, also where it is JSON inside: %s (S-05)',
    async (type) => {
      const before = await keys()
      const headers = `host: ${host}\r\nindelible-console: 1\r\norigin: ${origin}\r\ncookie: ${cookie}\r\n${type === '' ? '' : `content-type: ${type}\r\n`}`
      const answer = await sendRaw(
        server.url,
        `POST /v1/keys HTTP/1.1\r\n${headers}connection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      )
      expect([415, 422]).toContain(answer.status)
      expect(await keys()).toBe(before)
    },
  )

  test('no header and no parameter makes a read into a change (S-05)', async () => {
    const before = await keys()
    const overriding = {
      'x-http-method-override': 'DELETE',
      'x-http-method': 'DELETE',
      'x-method-override': 'DELETE',
    }
    const read = await send('GET', '/v1/users/eve', { ...own, ...overriding, cookie })
    expect([read.status, read.json.username]).toEqual([200, 'eve'])
    expect((await send('GET', '/v1/users/eve?_method=DELETE', { ...own, cookie })).json.code).toBe(
      'query-invalid',
    )
    for (const method of ['HEAD', 'OPTIONS', 'TRACE', 'PROPFIND']) {
      const text = `${method} /v1/keys HTTP/1.1\r\nhost: ${host}\r\ncookie: ${cookie}\r\nconnection: close\r\n\r\n`
      const answer = await sendRaw(server.url, text)
      expect([method, answer.headers.get('access-control-allow-origin')]).toEqual([method, null])
      expect(answer.body).not.toContain('"keys"')
    }
    expect(await keys()).toBe(before)
    expect((await send('GET', '/v1/users/eve', own)).status).toBe(401)
    expect((await whoami(cookie)).id).toBe('ada')
  })

  test('no page of another origin is let read an answer, whatever it says that it is (S-06)', async () => {
    for (const one of [
      'https://evil.example',
      'null',
      `${origin}.evil.example`,
      `http://evil${host}`,
      'file://',
      '*',
    ]) {
      for (const headers of [{ cookie }, { authorization: `Bearer ${testRootKey}` }]) {
        for (const path of ['/v1/events', '/v1/session', '/v1/nothing']) {
          const answer = await send('GET', path, { authorization: '', ...headers, origin: one })
          const allowed = [...answer.headers].filter(([name]) => name.startsWith('access-control-'))
          expect([path, one, allowed]).toEqual([path, one, []])
          if ('cookie' in headers && path !== '/v1/nothing') {
            expect(refusals).toContain(answer.json.code)
          }
        }
      }
      const asked = {
        origin: one,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'indelible-console',
      }
      const preflight = await send('OPTIONS', '/v1/keys', { authorization: '', ...asked })
      expect([...preflight.headers].filter(([name]) => name.startsWith('access-control-'))).toEqual(
        [],
      )
    }
  })

  test('a cookie that a neighbour set stands in for nobody’s, and is told from ours (S-07)', async () => {
    const theirs = cookieOf(await signIn('eve')).split('=')[1]
    const bound = `__Host-indelible=${cookie.split('=')[1]}`
    const [plain, boundTheirs] = [`indelible=${theirs}`, `__Host-indelible=${theirs}`]
    expect((await whoami(`${plain}; ${bound}`)).id).toBe('ada')
    expect((await whoami(`${bound}; ${plain}`)).id).toBe('ada')
    for (const two of [`${bound}; ${boundTheirs}`, `${plain}; ${cookie}`, `${cookie}; ${cookie}`]) {
      expect([two.length, (await whoami(two)).code]).toEqual([two.length, 'credentials-invalid'])
    }
    for (const odd of [
      `__host-indelible=${theirs}`,
      `INDELIBLE=${theirs}`,
      `indelible =; x=${theirs}`,
      `"indelible"=${theirs}`,
      `__Secure-indelible=${theirs}`,
    ]) {
      expect([odd.length, (await whoami(odd)).id]).toEqual([odd.length, undefined])
    }
    // Over TLS, which a browser tells, the name that a neighbour could have set counts for nothing.
    const overTls = { ...own, origin: `https://${host}` }
    expect((await whoami(plain, overTls)).id).toBeUndefined()
    expect((await whoami(bound, overTls)).id).toBe('ada')
  })
})

test.each([
  ...[
    '//evil.example',
    '//evil.example/..',
    '/\\evil.example',
    '/%09/evil.example',
    '/%5cevil.example',
  ],
  ...[
    '/%2f%2fevil.example',
    '/console//evil.example',
    '/docs/guide//evil.example',
    '/docs/guide/..%2f..%2f/evil.example',
  ],
  ...[
    '/?next=https://evil.example',
    '/console?next=//evil.example',
    '/docs/guide?to=javascript:alert(1)',
    '/javascript:alert(1)',
  ],
  ...['/.//evil.example', '/;@evil.example', '/docs/guide%2f', '/embed//evil.example'],
])('no address leads elsewhere: %s (S-08)', async (path) => {
  for (const headers of [
    'accept: text/html',
    'accept: */*',
    'x-forwarded-host: evil.example',
    'x-original-url: //evil.example',
    'forwarded: host=evil.example',
  ]) {
    const answer = await sendRaw(
      server.url,
      `GET ${path} HTTP/1.1\r\nhost: ${host}\r\n${headers}\r\nconnection: close\r\n\r\n`,
    )
    expect(answer.status).toBeGreaterThanOrEqual(200)
    const { pathname, origin: to } = new URL(answer.headers.get('location') ?? '/', server.url)
    expect([path, headers, to, pathname]).toEqual([
      path,
      headers,
      origin,
      expect.toBeOneOf(['/', '/console', '/docs', '/docs/guide/']),
    ])
    expect(answer.headers.get('refresh')).toBeNull()
  }
})

const patch = (change: object) =>
  send('PATCH', '/v1/users/bob', { 'content-type': 'application/json' }, JSON.stringify(change))

function sessionIdOf(cookie: string): string {
  const [, claims = ''] = cookie.split('.')
  return JSON.parse(Buffer.from(claims, 'base64url').toString()).jti
}
