import { join } from 'node:path'
import {
  createTemporaryFolder,
  startTestServer,
  testAdminPassword,
  testRootKey,
} from '@indelible/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import {
  listOperations,
  type Named,
  type Operation,
  type Request,
  requestOf,
} from './attacks/operations.ts'
import { acceptEntries, refuseEntries } from './attacks/store.ts'

/** What somebody with a credential does to have a better one. */
const server = await startTestServer()
const { ask, post } = server
afterAll(() => server[Symbol.asyncDispose]())

const password = 'a password of the tests'
const bearer = (key: string) => ({ authorization: `Bearer ${key}` })
const logIn = async (username: string, secret = password): Promise<string> =>
  (await post('/v1/login', { username, password: secret }, { authorization: '' })).json.token
const makeUser = async (username: string, role: string, tenants: string[]): Promise<string> => {
  expect((await post('/v1/users', { username, role, tenants, password })).status).toBe(201)
  return logIn(username)
}
const makeKey = async (scopes: string[], tenants: string[], name = 'k') =>
  (await post('/v1/keys', { name, scopes, tenants })).json as { id: string; key: string } // 201
const setSchema = (tenant: string, schema: object) =>
  ask(`/v1/tenants/${tenant}/schemas/a.b`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(schema),
  })
const patch = (username: string, change: object, key: string) =>
  ask(`/v1/users/${username}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json', ...bearer(key) },
    body: JSON.stringify(change),
  })

describe('every route, with every kind of credential', async () => {
  /** In all that the other tenant has: no answer to who has nothing there may hold it. */
  const canary = 'foreign-canary'
  const event = { action: 'a.b', actor: { id: 'u_1' } }
  await post('/v1/tenants', { tenant: 'other', name: canary })
  await post('/v1/events', [
    { ...event, tenant: 'own', id: 'mine' },
    { ...event, tenant: 'other', id: 'theirs', data: { canary } },
  ])
  const foreign = {
    ...{ key: (await makeKey(['read'], ['other'], canary)).id, username: 'foreigner' },
    ...{ tenant: 'other', event: 'theirs' },
  }
  await makeUser('foreigner', 'auditor', ['other'])
  await setSchema('other', { title: canary })
  // What proofs are asked for is signed.
  for (const path of ['mine/receipt?tenant=own', 'theirs/receipt?tenant=other']) {
    expect((await ask(`/v1/events/${path}`)).status).toBe(200)
  }

  /** What an operation needs: a scope where its tenant is, or the scope `admin` everywhere. */
  type Need = 'nothing' | 'any' | 'append' | 'read' | 'export' | 'admin' | 'everywhere' | 'user'
  const needs: Readonly<Record<string, Need>> = {
    ...{ readHealth: 'nothing', readReadiness: 'nothing', readMetrics: 'nothing' },
    ...{ logIn: 'nothing', logOut: 'user', changeOwnPassword: 'user' },
    ...{ readSession: 'any', listTenants: 'any', appendEvents: 'append', exportEvents: 'export' },
    ...{ searchEvents: 'read', readEvent: 'read', readReceipt: 'read', followEvents: 'read' },
    ...{ countEvents: 'read', listValues: 'read', listLogs: 'read', readLog: 'read' },
    ...{ proveInclusion: 'read', proveConsistency: 'read', readCheckpoint: 'read' },
    ...{ readTile: 'read', createViewerToken: 'read', readAudits: 'read' },
    ...{ createKey: 'admin', listKeys: 'admin', revokeKey: 'admin', createTenant: 'admin' },
    ...{ createUser: 'admin', listUsers: 'admin', readUser: 'admin', changeUser: 'admin' },
    ...{ removeUser: 'admin', listSchemas: 'admin', readSchema: 'admin', setSchema: 'admin' },
    ...{ removeSchema: 'admin', checkSchema: 'admin', rotateLogKey: 'everywhere' },
    ...{ readTokenKey: 'everywhere', rotateTokenKey: 'everywhere', startAudit: 'everywhere' },
    ...{ readService: 'everywhere', listRedactionRules: 'everywhere' },
    ...{ putRedactionRule: 'everywhere', removeRedactionRule: 'everywhere' },
    ...{ switchBuiltInRedactionRule: 'everywhere', previewRedaction: 'everywhere' },
  }
  const operations = listOperations((await ask('/openapi.json')).json)

  interface Role {
    readonly name: string
    readonly scopes: readonly string[]
    readonly key: string
    /** A viewer or access token: it reads, and makes nothing further. */
    readonly isToken?: boolean
  }
  const token = async (isExport: boolean) =>
    (await post('/v1/tokens', { tenant: 'own', export: isExport })).json.token
  const access = await ask('/access-token?tenant=own')
  const roles: Role[] = [
    ...(await Promise.all(
      ['append', 'read', 'export'].map(async (scope) => ({
        ...{ name: `a key that may ${scope}`, scopes: [scope] },
        key: (await makeKey([scope], ['own'])).key,
      })),
    )),
    {
      ...{ name: 'a key that may all', scopes: ['append', 'read', 'export', 'admin'] },
      key: (await makeKey(['append', 'read', 'export', 'admin'], ['own'])).key,
    },
    { name: 'a viewer token', scopes: ['read'], key: await token(false), isToken: true },
    { name: 'one to export', scopes: ['read', 'export'], key: await token(true), isToken: true },
    {
      ...{ name: 'an access token', scopes: ['append', 'read'], isToken: true },
      key: access.json.access_token,
    },
    {
      ...{ name: 'a writer', scopes: ['append'] },
      key: await makeUser('w', 'writer', ['own']),
    },
    {
      ...{ name: 'an auditor', scopes: ['read', 'export'] },
      key: await makeUser('r', 'auditor', ['own']),
    },
    {
      ...{ name: 'an administrator', scopes: ['append', 'read', 'export', 'admin'] },
      key: await makeUser('a', 'admin', ['own']),
    },
  ]

  const root: Role = { name: 'the root key', scopes: [], key: testRootKey }

  function mayDo(role: Role, { operationId }: Operation): boolean {
    if (role === root) return true
    const need = needs[operationId] ?? 'everywhere'
    if (need === 'nothing' || need === 'any') return true
    if (operationId === 'createViewerToken' && role.isToken === true) return false
    return role.scopes.includes(need)
  }

  /** What there is of the other tenant, and of what is everybody's. */
  async function readForeign(): Promise<string> {
    const lists = ['/v1/keys', '/v1/users', '/v1/tenants', '/v1/tenants/other/schemas']
    const paths = [...lists, '/v1/logs/other', '/v1/redaction', '/v1/token-key', '/v1/export']
    const texts = paths.map(async (path) => {
      const { text } = await ask(path === '/v1/export' ? `${path}?tenant=other` : path)
      // A key tells when it was last used; the log's time of its checkpoint moves on.
      return text.replaceAll(/"(?:lastUsed|time)":(?:"[^"]*"|null)/g, '')
    })
    return (await Promise.all(texts)).join('\n')
  }

  /** A stream is left as soon as it says whether it is one. */
  async function send({ method, path, body }: Request, key: string) {
    const controller = new AbortController()
    const response = await fetch(`${server.url}${path}`, {
      method,
      headers: {
        ...(key === '' ? {} : bearer(key)),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body }),
      signal: controller.signal,
    })
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
    const text = isStream ? '' : await response.text()
    controller.abort()
    return { status: response.status, text, code: /"code":"([^"]+)"/.exec(text)?.[1] ?? '' }
  }
  const refusals = ['scope-insufficient', 'entry-unknown', 'resource-unknown', 'log-unknown']

  const own: Named = { tenant: 'own', event: 'mine', key: 'none', username: 'nobody' }
  let victims = 0

  /** What an operation can be done to: a key and a user of one's own, made for it. */
  async function makeVictims({ operationId }: Operation): Promise<Named> {
    const tenants = ['own']
    const username = `victim-${++victims}`
    if (/User$/.test(operationId)) {
      await post('/v1/users', { username, role: 'writer', tenants, password })
    }
    if (/Schema$/.test(operationId)) await setSchema('own', {})
    const key = operationId === 'revokeKey' ? (await makeKey(['append'], tenants)).id : ''
    return { ...own, key, username }
  }

  test('is one whose needs are known', () => {
    const ids = operations.map(({ operationId }) => operationId)
    expect(ids.sort()).toEqual(Object.keys(needs).sort())
  })

  test('is closed to who has none, or a made up one (P-01)', async () => {
    const made = `ind_${'a'.repeat(12)}_${'A'.repeat(32)}`
    for (const operation of operations) {
      const { operationId } = operation
      for (const key of needs[operationId] === 'nothing'
        ? []
        : ['', made, 'eyJhbGciOiJIUzI1NiJ9']) {
        const { status, code } = await send(requestOf(operation, foreign), key)
        const expected = key === '' ? 'credentials-missing' : 'credentials-invalid'
        expect([operationId, status, code]).toEqual([operationId, 401, expected])
      }
    }
  })

  test.each(roles)(
    'of another tenant gives $name nothing, and lets it change nothing (P-01)',
    async (role) => {
      const before = await readForeign()
      let refused = 0
      for (const operation of operations) {
        const { operationId, isOfTenant } = operation
        if (['nothing', 'user'].includes(needs[operationId] ?? '')) continue
        const { status, code, text } = await send(requestOf(operation, foreign), role.key)
        expect([operationId, text]).toEqual([operationId, expect.not.stringContaining(canary)])
        const may = mayDo(role, operation)
        if (may && !isOfTenant) continue
        expect([operationId, code, status]).toEqual([
          operationId,
          may ? expect.toBeOneOf(refusals) : 'scope-insufficient',
          may ? expect.toBeOneOf([403, 404]) : 403,
        ])
        refused++
      }
      expect(refused).toBeGreaterThan(30)
      expect(await readForeign()).toBe(before)
    },
  )

  test.each([...roles, root])(
    'of its own tenant does for $name what its scopes say, and no more (P-01)',
    async (role) => {
      for (const operation of operations) {
        const { operationId } = operation
        if (['nothing', 'user'].includes(needs[operationId] ?? '')) continue
        const may = mayDo(role, operation)
        const given = may ? await makeVictims(operation) : own
        const { status, code, text } = await send(requestOf(operation, given), role.key)
        if (may) {
          // A tenant that there is already, for one.
          expect([operationId, status, text]).toEqual([
            operationId,
            expect.toBeOneOf([200, 201, 202, 204, 409]),
            text,
          ])
        } else expect([operationId, code]).toEqual([operationId, 'scope-insufficient'])
        if (role !== root) expect(text).not.toContain(canary)
      }
    },
  )
})

describe('nobody makes themselves more than they are', async () => {
  const wider = [
    { role: 'admin' },
    { tenants: ['*'] },
    { tenants: ['own', '_system'] },
    { role: 'admin', tenants: ['*'], disabled: false },
  ]

  test('by changing their own role, tenants or name (M-03, P-02)', async () => {
    const auditor = await makeUser('riser', 'auditor', ['own'])
    const chief = await makeUser('chief', 'admin', ['own'])
    for (const change of [...wider, { password: 'another password of it' }]) {
      expect((await patch('riser', change, auditor)).json.code).toBe('scope-insufficient')
    }
    for (const change of wider.slice(1)) {
      expect((await patch('chief', change, chief)).json.code).toBe('scope-insufficient')
    }
    for (const change of [{ username: 'admin' }, { epoch: 'x' }, { scopes: ['admin'] }]) {
      expect((await patch('chief', change, chief)).json.code).toBe('request-invalid')
    }
    const { json } = await ask('/v1/users/chief', { headers: bearer(chief) })
    expect(json).toMatchObject({ role: 'admin', tenants: ['own'] })
  })

  test('by making keys, users, tokens and tenants that reach further (P-02)', async () => {
    const chief = bearer(await logIn('chief'))
    const part = bearer((await makeKey(['admin', 'read'], ['own'])).key)
    const user = { username: 'puppet', role: 'auditor', tenants: ['own'], password }
    for (const [path, body, headers] of [
      ['/v1/keys', { name: 'k', scopes: ['read'], tenants: ['*'] }, chief],
      ['/v1/keys', { name: 'k', scopes: ['read'], tenants: ['own', 'other'] }, chief],
      ['/v1/keys', { name: 'k', scopes: ['append'], tenants: ['own'] }, part],
      ['/v1/users', { ...user, tenants: ['_system'] }, chief],
      ['/v1/users', user, part],
      ['/v1/tokens', { tenant: 'own', export: true }, part],
      ['/v1/tokens', { tenant: 'other' }, chief],
      ['/v1/tenants', { tenant: 'unheard-of' }, chief],
    ] as const) {
      const answer = await post(path, body, headers)
      expect([path, body, answer.json.code]).toEqual([path, body, 'scope-insufficient'])
    }
  })

  test('by what they opened before they were demoted (P-02)', async () => {
    const chief = bearer(await logIn('chief'))
    const { token } = (await post('/v1/tokens', { tenant: 'own' }, chief)).json
    expect((await ask('/v1/events', { headers: chief })).status).toBe(200)
    expect((await patch('chief', { role: 'writer' }, testRootKey)).status).toBe(200)
    for (const path of ['/v1/events', '/v1/keys']) {
      expect((await ask(path, { headers: chief })).json.code).toBe('scope-insufficient')
    }
    expect((await ask('/v1/events', { headers: bearer(token) })).status).toBe(401)
  })

  test('nor does the last administrator of everything cease to be one (P-02)', async () => {
    const admin = await logIn('admin', testAdminPassword)
    for (const change of [{ role: 'auditor' }, { tenants: ['own'] }, { disabled: true }]) {
      expect((await patch('admin', change, admin)).json.code).toBe('resource-conflict')
    }
    const removal = { method: 'DELETE', headers: bearer(admin) }
    expect((await ask('/v1/users/admin', removal)).json.code).toBe('resource-conflict')
  })
})

test('where its record cannot be written an act does not happen, and a read is not answered (P-09, P-10)', async () => {
  using temporary = createTemporaryFolder()
  const folder = join(temporary.path, 'data')
  await using first = await startTestServer({ folder })
  await first.post('/v1/events', { action: 'a.b', actor: { id: 'u' }, data: { canary: 'unread' } })
  const { id, key } = (
    await first.post('/v1/keys', { name: 'k', scopes: ['read'], tenants: ['default'] })
  ).json
  await refuseEntries(folder)
  const acts = [
    ['POST', '/v1/keys', { name: 'made', scopes: ['read'], tenants: ['default'] }],
    ['POST', '/v1/users', { username: 'made', role: 'admin', tenants: ['*'], password }],
    ['POST', '/v1/login', { username: 'admin', password: testAdminPassword }],
    ['POST', '/v1/tokens', { tenant: 'default' }],
    ['POST', '/v1/tenants', { tenant: 'made' }],
    ['PUT', '/v1/tenants/default/schemas/a.b', { title: 'made' }],
    ['POST', '/v1/token-key', { revoke: true }],
    ['DELETE', `/v1/keys/${id}`, {}],
  ] as const
  for (const [method, path, body] of acts) {
    const headers = { 'content-type': 'application/json' }
    const answer = await first.ask(path, { method, headers, body: JSON.stringify(body) })
    expect([path, answer.status]).toEqual([path, 503])
    expect(answer.text).not.toMatch(/ind_|eyJ/)
  }
  const read = await first.ask('/v1/events', { headers: bearer(key) })
  expect([read.status, read.text]).toEqual([503, expect.not.stringContaining('unread')])
  await first.stop()

  await acceptEntries(folder)
  await using second = await startTestServer({ folder })
  const lists = ['/v1/keys', '/v1/users', '/v1/tenants', '/v1/tenants/default/schemas']
  for (const path of lists) expect((await second.ask(path)).text).not.toContain('made')
  expect((await second.ask('/v1/token-key')).json.generation).toBe(1)
  expect((await second.ask('/v1/events', { headers: bearer(key) })).status).toBe(200)
})
