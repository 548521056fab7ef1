import { startTestServer } from '@indelible/testkit'
import { type JWTPayload, SignJWT } from 'jose'
import { afterAll, describe, expect, test } from 'vitest'
import { createAccounts } from './accounts/accounts.ts'
import { createPasswords } from './accounts/passwords.ts'
import { createTokens } from './accounts/tokens.ts'
import { openStore } from './store/open-store.ts'
import { startApp, testSecret, userPassword } from './testing/start-app.ts'

const indelible = await startTestServer()
const app = await startApp({ indelible, tenant: 'accounts' })
const token = await app.join('ada')
afterAll(async () => {
  await app[Symbol.asyncDispose]()
  await indelible[Symbol.asyncDispose]()
})

describe('signing up', () => {
  test('makes a user who is no admin, and shows no hash', async () => {
    const { status, json } = await app.ask('/users', {
      body: { username: 'bob', password: userPassword },
    })
    expect(status).toBe(201)
    expect(json).toEqual({ username: 'bob', role: 'user', created: expect.any(String) })
  })

  test('with a name that is taken is refused, also twice at once', async () => {
    const body = { username: 'twice', password: userPassword }
    const answers = await Promise.all([1, 2].map(() => app.ask('/users', { body })))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409])
    const { json } = await app.ask('/users', { body })
    expect([json.status, json.code]).toEqual([409, 'username-taken'])
  })

  test.each([
    [{ username: 'x', password: userPassword }, ['username']],
    [{ username: 'Ada', password: userPassword }, ['username']],
    [{ username: 'a b', password: 'short' }, ['username', 'password']],
    [{ username: 'eve', password: 'p'.repeat(201) }, ['password']],
    [{ username: 'eve', password: userPassword, role: 'admin' }, ['role']],
    [{ username: { $ne: 1 }, password: 8 }, ['username', 'password']],
    [{}, ['username', 'password']],
    [[], ['body']],
    ['null', ['body']],
  ])('with %j is refused, every fault by its field', async (body, fields) => {
    const { status, json } = await app.ask('/users', { body })
    expect([status, json.code]).toEqual([400, 'request-invalid'])
    expect(json.errors.map(({ field }: { field: string }) => field)).toEqual(fields)
  })
})

describe('logging in', () => {
  test('answers a wrong password and an unknown name alike', async () => {
    const ask = (username: string) =>
      app.ask('/login', { body: { username, password: 'not-the-password' } })
    const [known, unknown] = [await ask('ada'), await ask('nobody-at-all')]
    const { request: _, ...refusal } = known.json
    expect(refusal).toMatchObject({ status: 401, code: 'login-failed' })
    expect(unknown.json).toEqual({ ...refusal, request: expect.any(String) })
    expect([...unknown.headers.keys()]).toEqual([...known.headers.keys()])
  })

  test('tries a password at the same cost, whether there is such a user or not', async () => {
    using store = openStore(':memory:')
    const real = await createPasswords()
    const tried: (string | undefined)[] = []
    const passwords = {
      ...real,
      isRight(password: string, hash: string | undefined) {
        tried.push(hash)
        return real.isRight(password, hash)
      },
    }
    const accounts = createAccounts({ users: store.users, passwords, clock: Date.now })
    await accounts.signUp({ username: 'ada', password: userPassword })
    for (const username of ['ada', 'nobody']) {
      await expect(accounts.logIn({ username, password: 'wrong' })).rejects.toThrow()
    }
    expect(tried).toEqual([
      expect.stringMatching(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/),
      undefined,
    ])
    expect(await real.isRight('wrong', undefined)).toBe(false)
    expect(await real.isRight(userPassword, tried[0])).toBe(true)
  })

  test('answers a token that is not to be cached, good for an hour', async () => {
    const body = { username: 'ada', password: userPassword }
    const { status, json, headers } = await app.ask('/login', { body })
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store'])
    expect(Date.parse(json.expires) - Date.now()).toBeGreaterThan(59 * 60 * 1_000)
    expect(Date.parse(json.expires) - Date.now()).toBeLessThanOrEqual(60 * 60 * 1_000)
    expect((await app.ask('/items', { token: json.token })).status).toBe(200)
  })
})

describe('a token is refused', async () => {
  const ours = { iss: 'items-api', aud: 'items-api' }
  const adas = { sub: 'ada' }
  const anHour = { exp: Math.floor(Date.now() / 1_000) + 3_600 }
  const rightClaims = { ...ours, ...adas, ...anHour }
  const sign = (claims: JWTPayload, alg = 'HS256', secret = testSecret) =>
    new SignJWT(claims).setProtectedHeader({ alg }).sign(secret)
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const [header = '', payload = '', signature = ''] = token.split('.')
  const past = createTokens({ secret: testSecret, clock: () => Date.now() - 61 * 60 * 1_000 })

  test('but one that is made as ours is not', async () => {
    expect((await app.ask('/items', { token: await sign(rightClaims) })).status).toBe(200)
  })

  test.each([
    ['that has expired', (await past.issue('ada')).token],
    ['that never expires', await sign({ ...ours, ...adas })],
    ['of another secret', await sign(rightClaims, 'HS256', Buffer.alloc(32, 8))],
    ['of another algorithm', await sign(rightClaims, 'HS512', testSecret)],
    ['of another issuer', await sign({ ...rightClaims, iss: 'somebody' })],
    ['for another audience', await sign({ ...rightClaims, aud: 'somebody' })],
    ['of nobody', await sign({ ...ours, ...anHour })],
    ['of somebody who is not there', await sign({ ...rightClaims, sub: 'nobody' })],
    ['without a signature', `${encode({ alg: 'none' })}.${payload}.`],
    [
      'with its claims changed',
      `${header}.${encode({ ...rightClaims, sub: 'admin' })}.${signature}`,
    ],
    ['that is none', 'abc'],
  ])('%s', async (_, made) => {
    const { status, json, headers } = await app.ask('/items', { token: made })
    expect([status, json.code]).toEqual([401, 'credentials-invalid'])
    expect(headers.get('www-authenticate')).toBe('Bearer')
  })
})

test('the first admin is made once', async () => {
  using store = openStore(':memory:')
  const passwords = await createPasswords()
  const accounts = createAccounts({ users: store.users, passwords, clock: Date.now })
  const wanted = { username: 'root', password: undefined }
  const made = await accounts.ensureAdmin(wanted)
  expect(made?.password).toMatch(/^[\w-]{20}$/)
  expect(await accounts.ensureAdmin(wanted)).toBeUndefined()
  expect(await accounts.logIn({ username: 'root', password: made?.password ?? '' })).toMatchObject({
    role: 'admin',
  })
})
