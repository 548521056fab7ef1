import { scopes } from '@indelible/protocol'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type AccessUnderTest, rootKey, startAccess } from '../testing/start-access.ts'

const password = 'correct horse battery'
let access: AccessUnderTest
beforeEach(async () => {
  access = await startAccess({ rootKey })
})
afterEach(() => access.stop())

const make = (username: string, role: string, tenants: string[], as = rootKey) =>
  access.ask('POST', '/v1/users', { as, body: { username, role, tenants, password } })
const change = (username: string, body: object, as = rootKey) =>
  access.ask('PATCH', `/v1/users/${username}`, { as, body })
const drop = (username: string, as = rootKey) =>
  access.ask('DELETE', `/v1/users/${username}`, { as })
const logIn = async (username: string): Promise<string> =>
  (await access.ask('POST', '/v1/login', { body: { username, password } })).body.token

test('a user is made under a lower-case name, and shown without password or hash', async () => {
  const { status, body } = await make('Ada@Example.com', 'auditor', ['acme'])
  expect(status).toBe(201)
  expect(body).toEqual({
    username: 'ada@example.com',
    role: 'auditor',
    tenants: ['acme'],
    disabled: false,
    created: '2026-11-20T12:00:00.000Z',
    createdBy: 'root:root',
  })
  expect((await access.ask('GET', '/v1/users', { as: rootKey })).body.users).toEqual([body])
  const url = '/v1/users/ada@example.com'
  expect((await access.ask('GET', url, { as: rootKey })).body).toEqual(body)
  expect((await make('ADA@example.com', 'writer', ['acme'])).body.code).toBe('resource-conflict')
})

test('of the same user made many times at once there is one', async () => {
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => make('ada', 'writer', ['acme'])),
  )
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409])
  expect(access.records('user.created')).toHaveLength(1)
})

test('what is not a user’s description is refused by pointer', async () => {
  const body = { username: 'ada', role: 'writer', tenants: ['acme'], password }
  for (const [faulty, pointer] of [
    [{ username: 'a b' }, '/username'],
    [{ username: '-ada' }, '/username'],
    [{ username: '\u212aada' }, '/username'],
    [{ role: 'root' }, '/role'],
    [{ tenants: [] }, '/tenants'],
    [{ tenants: ['_other'] }, '/tenants/0'],
    [{ password: 'too short' }, '/password'],
    [{ rolle: 'admin' }, '/rolle'],
    [{ password: 'x'.repeat(2_000) }, '/password'],
    [{ password: 'é'.repeat(1_000) }, '/password'],
  ] as const) {
    const answer = await access.ask('POST', '/v1/users', {
      as: rootKey,
      body: { ...body, ...faulty },
    })
    expect(answer.status).toBe(422)
    const pointers = answer.body.errors.map((fault: { pointer: string }) => fault.pointer)
    expect(pointers).toContain(pointer)
  }
})

test('no user raises their own role or reach (M-03, P-02)', async () => {
  await make('admin', 'admin', ['*'])
  await make('ada', 'admin', ['acme'])
  await make('bob', 'auditor', ['acme'])
  const [ada, bob] = [await logIn('ada'), await logIn('bob')]
  expect((await change('bob', { role: 'admin' }, bob)).status).toBe(403)
  expect((await change('ada', { tenants: ['acme', 'beta'] }, ada)).status).toBe(403)
  expect((await change('ada', { tenants: ['*'] }, ada)).status).toBe(403)
  expect((await make('eve', 'writer', ['beta'], ada)).status).toBe(403)
  expect((await make('eve', 'writer', ['acme'], ada)).status).toBe(201)
  expect((await change('eve', { role: 'admin' }, ada)).status).toBe(200)
})

test('who reaches further is neither seen nor changed: no password reset upwards', async () => {
  await make('admin', 'admin', ['*'])
  await make('ada', 'admin', ['acme'])
  const ada = await logIn('ada')
  const { key } = (
    await access.ask('POST', '/v1/keys', {
      as: rootKey,
      body: { name: 'narrow', scopes: ['admin'], tenants: ['*'] },
    })
  ).body
  const unknown = await change('nobody', { password: 'mine from now on' }, ada)
  expect(unknown.status).toBe(404)
  for (const as of [ada, key]) {
    expect((await change('admin', { password: 'mine from now on' }, as)).body).toEqual(unknown.body)
    expect((await drop('admin', as)).body).toEqual(unknown.body)
    const { users } = (await access.ask('GET', '/v1/users', { as })).body
    expect(users.map((user: { username: string }) => user.username)).not.toContain('admin')
  }
})

test('the last administrator of everything is not removed, disabled, demoted or narrowed (P-02)', async () => {
  await make('admin', 'admin', ['*'])
  await make('ada', 'admin', ['acme'])
  for (const body of [{ disabled: true }, { role: 'auditor' }, { tenants: ['acme'] }]) {
    expect((await change('admin', body)).body.code).toBe('resource-conflict')
  }
  expect((await drop('admin')).body.code).toBe('resource-conflict')
  await make('second', 'admin', ['*'])
  expect((await drop('admin')).status).toBe(204)
  expect((await drop('second')).body.code).toBe('resource-conflict')
})

test('of two last administrators removed at the same time one stays (P-02)', async () => {
  await make('one', 'admin', ['*'])
  await make('two', 'admin', ['*'])
  const principal = { kind: 'root', id: 'root', name: 'root', scopes, tenants: ['*'] } as const
  const caller = { principal, context: { ip: '192.0.2.1', request: 'r' } }
  const { users } = access.administration
  const acts = await Promise.allSettled([
    users.remove(caller, 'one'),
    users.change(caller, 'two', { role: 'writer' }),
  ])
  expect(acts.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  expect(acts[1]).toMatchObject({ reason: { code: 'resource-conflict' } })
})

test('every act is recorded with who, what, and before and after', async () => {
  await make('ada', 'auditor', ['acme'])
  await change('ada', { tenants: ['acme', 'beta'], password: 'another good one' })
  await drop('ada')
  const actor = { type: 'root', id: 'root' }
  const targets = [{ type: 'user', id: 'ada' }]
  expect(access.records('user.created')).toMatchObject([
    { actor, targets, data: { role: 'auditor', tenants: ['acme'] } },
  ])
  expect(access.records('user.changed')).toMatchObject([
    {
      actor,
      targets,
      data: {
        before: { tenants: ['acme'] },
        after: { tenants: ['acme', 'beta'] },
        password: 'changed',
      },
    },
  ])
  expect(access.records('user.removed')).toMatchObject([{ actor, targets }])
})
