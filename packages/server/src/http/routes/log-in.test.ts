import { limits } from '@indelible/protocol'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type AccessUnderTest, rootKey, startAccess } from '../testing/start-access.ts'

const password = 'correct horse battery'
let access: AccessUnderTest
beforeEach(async () => {
  access = await startAccess({ rootKey })
  const body = { username: 'ada', role: 'auditor', tenants: ['acme'], password }
  await access.ask('POST', '/v1/users', { as: rootKey, body })
})
afterEach(() => access.stop())

const logIn = (username: unknown, secret: unknown = password, remoteAddress = '192.0.2.1') =>
  access.ask('POST', '/v1/login', { body: { username, password: secret }, remoteAddress })
const whoami = async (as: string) => (await access.ask('GET', '/whoami', { as })).status

test('a log-in gives a session with the user’s grant, for its hours', async () => {
  const { status, body } = await logIn('ADA')
  expect(status).toBe(200)
  expect(body).toEqual({ token: expect.any(String), expires: '2026-11-21T00:00:00.000Z' })
  const { body: me } = await access.ask('GET', '/whoami', { as: body.token })
  expect(me).toMatchObject({
    kind: 'user',
    id: 'ada',
    scopes: ['read', 'export'],
    tenants: ['acme'],
  })
  access.time.now += limits.sessionMsMax - 1
  expect(await whoami(body.token)).toBe(200)
  access.time.now += 1
  expect(await whoami(body.token)).toBe(401)
})

test('an unknown user, a wrong password and a disabled user get one and the same answer (A-17)', async () => {
  const body = { username: 'bob', role: 'writer', tenants: ['acme'], password }
  await access.ask('POST', '/v1/users', { as: rootKey, body })
  await access.ask('PATCH', '/v1/users/bob', { as: rootKey, body: { disabled: true } })
  const answers = [
    await logIn('nobody'),
    await logIn('ada', 'wrong horse'),
    await logIn('bob'),
    await logIn('not a user name'),
    await logIn('\u212aada'),
  ]
  for (const { status, body: problem } of answers) {
    expect(status).toBe(401)
    expect(problem).toEqual(answers[0]?.body)
    expect(problem.code).toBe('credentials-invalid')
  }
})

test('NUL is refused before anybody is looked up, whoever is named (A-25)', async () => {
  for (const answer of [await logIn('ada\0'), await logIn('nobody', `${password}\0`)]) {
    expect(answer.status).toBe(400)
    expect(answer.body.code).toBe('json-malformed')
  }
})

test('an overlong password, or one that is no text, is refused before any hashing (A-20, A-25)', async () => {
  expect((await logIn('ada', 'x'.repeat(1024 * 1024))).status).toBe(413)
  for (const secret of [
    'x'.repeat(limits.passwordBytesMax + 1),
    '',
    null,
    1,
    [password],
    { $ne: 1 },
  ]) {
    const { status, body } = await logIn('ada', secret)
    expect(status).toBe(422)
    expect(body.code).toBe('request-invalid')
  }
  expect((await logIn({ $gt: '' })).status).toBe(422)
})

test('a flood of log-ins is bounded: each is decided, limited or pushed back (A-20)', async () => {
  const flood = Array.from({ length: 200 }, (_, n) => logIn(`user${n}`, 'wrong', `198.51.100.${n}`))
  const statuses = new Set((await Promise.all(flood)).map(({ status }) => status))
  expect(statuses).toEqual(new Set([401, 503]))
  expect((await logIn('ada')).status).toBe(200)
})

test('too many failures of one user are answered 429 with Retry-After, known or not (A-19)', async () => {
  for (const username of ['ada', 'nobody']) {
    for (let n = 0; n < limits.loginFailuresMax; n++) {
      expect((await logIn(username, 'wrong', `203.0.113.${n}`)).status).toBe(401)
    }
    const { status, body, headers } = await logIn(username, password, '203.0.113.99')
    expect(status).toBe(429)
    expect(body.code).toBe('rate-exceeded')
    expect(Number(headers['retry-after'])).toBeGreaterThan(0)
  }
})

test('who is logged in already is not locked out by strangers (A-19)', async () => {
  await logIn('ada', password, '192.0.2.1')
  for (let n = 0; n <= limits.loginFailuresMax; n++) await logIn('ada', 'wrong', `203.0.113.${n}`)
  expect((await logIn('ada', password, '203.0.113.99')).status).toBe(429)
  expect((await logIn('ada', password, '192.0.2.1')).status).toBe(200)
})

test('X-Forwarded-For does not make another address of one (D-12)', async () => {
  for (let n = 0; n < limits.loginFailuresPerAddressMax; n++) {
    await access.ask('POST', '/v1/login', {
      body: { username: `user${n}`, password: 'wrong' },
      headers: { 'x-forwarded-for': `203.0.113.${n}` },
      remoteAddress: '192.0.2.9',
    })
  }
  expect((await logIn('ada', password, '192.0.2.9')).status).toBe(429)
})

test('log-ins are recorded with who and from where; failures too, repeats of one as their count', async () => {
  await logIn('ada')
  for (let n = 0; n < 5; n++) await logIn('ada', 'wrong')
  await logIn('somebody', 'wrong')
  expect(access.records('session.created')).toMatchObject([
    { actor: { type: 'user', id: 'ada' }, outcome: 'success', context: { ip: '192.0.2.1' } },
  ])
  expect(access.records('session.denied')).toMatchObject([
    { actor: { id: 'ada' }, outcome: 'denied', context: { ip: '192.0.2.1' }, data: { count: 1 } },
    { actor: { id: 'somebody' }, data: { count: 1 } },
  ])
  await access.administration.denials[Symbol.asyncDispose]()
  expect(access.records('session.denied').slice(2)).toMatchObject([
    { actor: { id: 'ada' }, outcome: 'denied', data: { count: 4 } },
  ])
})

test('what cannot be a user name may be a password, and is not recorded', async () => {
  await logIn('My Secret Passw0rd!', '')
  await logIn('My Secret Passw0rd!', 'x')
  expect(access.records('session.denied')).toMatchObject([{ actor: { id: 'unknown' } }])
  expect(access.dump()).not.toContain('Passw0rd')
})

test('a log-out ends that session and no other', async () => {
  const [one, other] = [(await logIn('ada')).body.token, (await logIn('ada')).body.token]
  expect((await access.ask('POST', '/v1/logout', { as: one })).status).toBe(204)
  expect(await whoami(one)).toBe(401)
  expect(await whoami(other)).toBe(200)
  expect((await access.ask('POST', '/v1/logout', { as: one })).status).toBe(401)
  expect((await access.ask('POST', '/v1/logout', { as: rootKey })).status).toBe(422)
  expect(access.records('session.ended')).toMatchObject([{ actor: { type: 'user', id: 'ada' } }])
})

test('a session ends by the clock, and a clock that jumps brings none back and gives none a day (S-04)', async () => {
  const began = access.time.now
  const { token } = (await logIn('ada')).body
  const statusAt = (hours: number) => {
    access.time.now = began + hours * 3_600_000
    return whoami(token)
  }
  expect(await statusAt(11.99)).toBe(200)
  expect(await statusAt(12)).toBe(401)
  expect(await statusAt(24 * 365)).toBe(401)
  // Back in its hours it is good again, never before they began, whatever this node remembers.
  expect(await statusAt(1)).toBe(200)
  await access.ask('PATCH', '/v1/users/ada', { as: rootKey, body: { disabled: true } })
  await access.ask('PATCH', '/v1/users/ada', { as: rootKey, body: { disabled: false } })
  for (const hours of [1, -1, -24 * 365, 11]) expect(await statusAt(hours)).toBe(401)
  access.time.now = began
  const second = (await logIn('ada')).body.token
  access.time.now = began - 60_000
  // Any act makes this node look at every credential anew.
  await access.ask('POST', '/v1/keys', {
    as: rootKey,
    body: { name: 'k', scopes: ['read'], tenants: ['acme'] },
  })
  expect(await whoami(second)).toBe(401)
})

test('a session outlives a restart, and a log-out too', async () => {
  const [kept, ended] = [(await logIn('ada')).body.token, (await logIn('ada')).body.token]
  await access.ask('POST', '/v1/logout', { as: ended })
  await access.stop(false)
  access = await startAccess({ rootKey, folder: access.folder })
  expect(await whoami(kept)).toBe(200)
  expect(await whoami(ended)).toBe(401)
})

test('all sessions die with the password, with being disabled, and with removal for good (S-03)', async () => {
  const open = async (secret = password) => {
    const { status, body } = await logIn('ada', secret)
    expect(status).toBe(200)
    return body.token
  }
  const change = (body: object) => access.ask('PATCH', '/v1/users/ada', { as: rootKey, body })

  const first = await open()
  await change({ password: 'another good one' })
  expect(await whoami(first)).toBe(401)

  const second = await open('another good one')
  await change({ disabled: true })
  expect(await whoami(second)).toBe(401)
  await change({ disabled: false })
  expect(await whoami(second)).toBe(401)

  const third = await open('another good one')
  await access.ask('DELETE', '/v1/users/ada', { as: rootKey })
  expect(await whoami(third)).toBe(401)
  const body = { username: 'ada', role: 'admin', tenants: ['acme'], password }
  await access.ask('POST', '/v1/users', { as: rootKey, body })
  expect(await whoami(third)).toBe(401)
})

test('ended sessions are forgotten, and a record that came back would open nothing (S-03)', async () => {
  const { directory } = access.administration
  const { token } = (await logIn('ada')).body
  const [session] = directory.sessions()
  if (session === undefined) throw new Error('there is no session')
  await access.ask('PATCH', '/v1/users/ada', { as: rootKey, body: { password } })
  expect(directory.sessions()).toEqual([])
  await directory.administer(() => ({
    changes: [{ kind: 'session', id: session.id, value: JSON.stringify(session) }],
    record: { action: 'test', actor: { type: 'test', id: 'test' } },
  }))
  expect(directory.session(session.id)).toEqual(session)
  expect(await whoami(token)).toBe(401)
})

test('users change their own password with the present one, and are logged out everywhere', async () => {
  const { token } = (await logIn('ada')).body
  const change = (current: string, next: string, as = token) =>
    access.ask('POST', '/v1/password', { as, body: { current, next } })
  expect((await change('wrong', 'another good one')).status).toBe(401)
  expect((await change(password, 'too short')).body.errors).toMatchObject([{ pointer: '/next' }])
  expect((await change(password, 'another good one', rootKey)).status).toBe(403)
  expect((await change(password, 'another good one')).status).toBe(204)
  expect(await whoami(token)).toBe(401)
  expect((await logIn('ada', password)).status).toBe(401)
  expect((await logIn('ada', 'another good one')).status).toBe(200)
  expect(access.records('password.changed')).toMatchObject([{ actor: { type: 'user', id: 'ada' } }])
})

test('sessions that are over, or too many, leave nothing behind', async () => {
  await logIn('ada')
  access.time.now += limits.sessionMsMax
  const { body } = await logIn('ada')
  expect(access.administration.directory.sessions()).toHaveLength(1)
  expect(await whoami(body.token)).toBe(200)
})

test('where the record cannot be written, nobody gets in (P-09)', async () => {
  access.failing.ledger = true
  expect((await logIn('ada')).status).toBe(500)
  access.failing.ledger = false
  expect(access.administration.directory.sessions()).toHaveLength(0)
})
