import { request as httpRequest } from 'node:http'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openPrincipal } from '../admin/credentials.ts'
import { createApp } from './app.ts'
import { createAuthenticator } from './authenticate.ts'
import { type AccessUnderTest, rootKey, startAccess } from './testing/start-access.ts'

let access: AccessUnderTest
beforeEach(async () => {
  access = await startAccess({ rootKey })
})
afterEach(async () => {
  vi.useRealTimers()
  await access.stop()
})

async function makeKey(request?: object): Promise<{ id: string; key: string }> {
  const body = { name: 'k', scopes: ['read'], tenants: ['acme'], ...request }
  const made = await access.ask('POST', '/v1/keys', { as: rootKey, body })
  expect(made.status).toBe(201)
  return made.body
}

const whoami = (authorization: string | undefined, headers = {}) =>
  access.ask('GET', '/whoami', {
    headers: { ...(authorization === undefined ? {} : { authorization }), ...headers },
  })

test('the root key has every scope for every tenant', async () => {
  const { body } = await whoami(`Bearer ${rootKey}`)
  expect(body).toMatchObject({
    kind: 'root',
    scopes: ['append', 'read', 'export', 'admin'],
    tenants: ['*'],
  })
})

test('an API key is its scopes and tenants, and nothing more', async () => {
  const { id, key } = await makeKey()
  const { body } = await whoami(`bearer ${key}`)
  expect(body).toEqual({ kind: 'key', id, name: 'k', scopes: ['read'], tenants: ['acme'] })
})

test('a credential that another node made is known, whoever reads of it first', async () => {
  let readings = 0
  const credential = { principal: openPrincipal, resolve: () => openPrincipal }
  const authenticator = createAuthenticator({
    // Unknown; and while that was found out, somebody else's question brought it.
    credentials: { verify: async () => (readings++ > 0 ? credential : undefined) },
    directory: {
      markUsed: () => undefined,
      onChange: () => () => undefined,
      catchUp: async () => undefined,
      isFresh: () => true,
      readings: () => readings,
    },
    clock: Date.now,
  })
  const app = createApp({ logger: pino({ level: 'silent' }) })
  app.get('/', { onRequest: authenticator.hook }, async () => 'known')
  const headers = { authorization: 'Bearer made by another node' }
  expect((await app.inject({ url: '/', headers })).statusCode).toBe(200)
})

test('without a credential the answer says what to send', async () => {
  const { status, body, headers } = await whoami(undefined)
  expect(status).toBe(401)
  expect(body.code).toBe('credentials-missing')
  expect(headers['www-authenticate']).toContain('Bearer')
})

test('whatever is wrong with a credential, the answer is the same', async () => {
  const { id, key } = await makeKey()
  const { body: revoked } = await access.ask('POST', '/v1/keys', {
    as: rootKey,
    body: { name: 'r', scopes: ['read'], tenants: ['acme'] },
  })
  await access.ask('DELETE', `/v1/keys/${revoked.id}`, { as: rootKey })
  const other = key.at(-1) === 'x' ? 'y' : 'x'
  const presented = [
    `Bearer ${key.slice(0, -1)}${other}`, // the id is right, the secret is not
    `Bearer ${key.replace(id, 'a'.repeat(12))}`, // nobody's id
    `Bearer ${revoked.key}`,
    `Bearer ${rootKey}!`,
    `Bearer ${rootKey.slice(0, -1)}`,
    `Bearer ${key.toUpperCase()}`,
    `Bearer ${key} `,
    `Bearer ${key}, ${key}`,
    `Bearer "${key}"`,
    'Bearer eyJhbGciOiJub25lIn0.e30.',
    'Bearer',
    'Bearer ',
    `Bearer\t${key}`,
    `Basic ${key}`,
    `Basic ${Buffer.from(`${id}:${key}`).toString('base64')}`,
    `token=${key}`,
    key,
    `Bearer ${'a'.repeat(10_000)}`,
  ]
  const answers = await Promise.all(presented.map((header) => whoami(header)))
  for (const { status, body } of answers) {
    expect(status).toBe(401)
    expect(body).toEqual(answers[0]?.body)
    expect(body.code).toBe('credentials-invalid')
  }
})

test('a revoked key is refused by the very next request, though it was just in use (A-14)', async () => {
  const { id, key } = await makeKey()
  expect((await whoami(`Bearer ${key}`)).status).toBe(200)
  await access.ask('DELETE', `/v1/keys/${id}`, { as: rootKey })
  expect((await whoami(`Bearer ${key}`)).status).toBe(401)
})

test('a key ends when it expires, though it was just in use', async () => {
  const { key } = await makeKey({ expires: new Date(access.time.now + 1_000).toISOString() })
  access.time.now += 999
  expect((await whoami(`Bearer ${key}`)).status).toBe(200)
  access.time.now += 1
  expect((await whoami(`Bearer ${key}`)).status).toBe(401)
})

test('a key in the query string or a body is not looked for (A-15)', async () => {
  const { key } = await makeKey()
  for (const name of ['key', 'access_token', 'token', 'authorization']) {
    const { status, body } = await access.ask('GET', `/whoami?${name}=${key}`)
    expect(status).toBe(401)
    expect(body.code).toBe('credentials-missing')
  }
  for (const header of ['x-api-key', 'proxy-authorization', 'cookie']) {
    expect((await whoami(undefined, { [header]: key })).status).toBe(401)
  }
})

test('no header makes a caller somebody or somewhere else (A-24)', async () => {
  const { key } = await makeKey({ scopes: ['admin'] })
  await access.ask('POST', '/v1/keys', {
    as: key,
    body: { name: 'child', scopes: ['admin'], tenants: ['acme'] },
    headers: { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-user': 'root', forwarded: 'for=1' },
    remoteAddress: '192.0.2.7',
  })
  const last = access.records('key.created').at(-1)
  expect(last?.actor).toMatchObject({ type: 'key' })
  expect(last?.context).toMatchObject({ ip: '192.0.2.7' })
})

test('two Authorization headers are refused, not guessed between', async () => {
  const { key } = await makeKey()
  const listening = await access.app.listen({ port: 0, host: '127.0.0.1' })
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const sent = httpRequest(`${listening}/whoami`, (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    })
    sent.setHeader('Authorization', [`Bearer ${key}`, `Bearer ${rootKey}`])
    sent.on('error', reject).end()
  })
  expect(status).toBe(401)
})

test('a known key is accepted synchronously, without a turn of the event loop', async () => {
  const { key } = await makeKey()
  await whoami(`Bearer ${key}`)
  const raw = { rawHeaders: ['Authorization', `Bearer ${key}`] }
  const request = { headers: { authorization: `Bearer ${key}` }, raw }
  const found = access.authenticator.authenticate(
    request as never, // exactly what the hot path reads of a request
  )
  expect(found).not.toBeInstanceOf(Promise)
})

test('a key with a rate is held to it, and told when to return', async () => {
  const { key } = await makeKey({ rate: 3 })
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout'] }) // the limiter's second does not pass
  const answers = await Promise.all(Array.from({ length: 10 }, () => whoami(`Bearer ${key}`)))
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(3)
  const refused = answers.find(({ status }) => status === 429)
  expect(refused?.body.code).toBe('rate-exceeded')
  expect(refused?.headers['retry-after']).toBe('1')
  await vi.advanceTimersByTimeAsync(1_000)
  expect((await whoami(`Bearer ${key}`)).status).toBe(200)
})

test('whoever holds a principal learns that it is dead, or has another grant', async () => {
  const { id, key } = await makeKey()
  await whoami(`Bearer ${key}`)
  await access.ask('POST', '/v1/users', {
    as: rootKey,
    body: { username: 'ada', role: 'auditor', tenants: ['acme'], password: 'correct horse' },
  })
  const { body: session } = await access.ask('POST', '/v1/login', {
    body: { username: 'ada', password: 'correct horse' },
  })
  const hold = async (credential: string) => {
    const raw = { rawHeaders: [] }
    const headers = { authorization: `Bearer ${credential}` }
    return access.authenticator.authenticate({ headers, raw } as never) // as above
  }
  const [ofKey, ofUser] = [await hold(key), await hold(session.token)]
  let told = 0
  const end = access.authenticator.onRevoked(() => {
    told += 1
  })
  expect(access.authenticator.isLive(ofKey)).toBe(true)
  expect(access.authenticator.isLive(ofUser)).toBe(true)

  await access.ask('DELETE', `/v1/keys/${id}`, { as: rootKey })
  expect(told).toBe(1)
  expect(access.authenticator.isLive(ofKey)).toBe(false)
  await access.ask('PATCH', '/v1/users/ada', { as: rootKey, body: { tenants: ['beta'] } })
  expect(told).toBe(2)
  expect(access.authenticator.isLive(ofUser)).toBe(false)
  end()
})

test('keys, users and what was revoked are the same after a restart', async () => {
  const kept = await makeKey()
  const gone = await makeKey()
  await access.ask('DELETE', `/v1/keys/${gone.id}`, { as: rootKey })
  await whoami(`Bearer ${kept.key}`)
  await access.stop(false)
  access = await startAccess({ rootKey, folder: access.folder })
  expect((await whoami(`Bearer ${kept.key}`)).status).toBe(200)
  expect((await whoami(`Bearer ${gone.key}`)).status).toBe(401)
  const { body } = await access.ask('GET', '/v1/keys', { as: rootKey })
  expect(body.keys).toMatchObject([{ id: kept.id, lastUsed: '2026-11-20T12:00:00.000Z' }])
})

test('a root key that is short or cannot travel in a header keeps the service from starting', async () => {
  for (const faulty of [
    'fifteen chars..',
    'sixteen \u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9',
    ' leading blanks 16',
  ]) {
    await expect(startAccess({ rootKey: faulty })).rejects.toThrow('INDELIBLE_ROOT_KEY')
  }
})

test('no secret is stored, in whatever form: not the root key, no key, no password, no token', async () => {
  const { key } = await makeKey()
  const password = 'correct horse battery'
  const body = { username: 'ada', role: 'auditor', tenants: ['acme'], password }
  await access.ask('POST', '/v1/users', { as: rootKey, body })
  const { body: session } = await access.ask('POST', '/v1/login', {
    body: { username: 'ada', password },
  })
  await access.ask('POST', '/v1/login', { body: { username: 'ada', password: `${password}!` } })
  const { body: viewer } = await access.ask('POST', '/v1/tokens', { as: key, body: {} })
  const kept = access.dump()
  expect(kept).toContain('session.denied')
  for (const secret of [rootKey, key.split('_')[2], password, session.token, viewer.token]) {
    expect(secret).toBeTypeOf('string')
    expect(kept).not.toContain(secret)
  }
})
