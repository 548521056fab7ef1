import { createHmac } from 'node:crypto'
import { limits } from '@indelible/protocol'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { deriveTokenKey } from '../../admin/signed-tokens.ts'
import {
  type AccessUnderTest,
  instanceId,
  rootKey,
  startAccess,
  tokenSecret,
} from '../testing/start-access.ts'

let access: AccessUnderTest
let issuer: { id: string; key: string }
beforeEach(async () => {
  access = await startAccess({ rootKey })
  issuer = await makeKey({ scopes: ['read', 'export'], tenants: ['acme', 'beta'] })
})
afterEach(() => access.stop())

async function makeKey(request: object): Promise<{ id: string; key: string }> {
  const body = { name: 'k', scopes: ['read'], tenants: ['acme'], ...request }
  return (await access.ask('POST', '/v1/keys', { as: rootKey, body })).body
}
const makeToken = (body: object, as = issuer.key) => access.ask('POST', '/v1/tokens', { as, body })
const whoami = (as: string) => access.ask('GET', '/whoami', { as })

test('a viewer token reads one tenant through its filter, for an hour', async () => {
  const filter = 'actor:u_1 -outcome:success'
  const { status, body } = await makeToken({ tenant: 'acme', filter, name: 'for Zoë' })
  expect(status).toBe(201)
  expect(body).toMatchObject({ tenant: 'acme', scopes: ['read'], filter })
  expect(body.expires).toBe('2026-11-20T13:00:00.000Z')
  expect((await whoami(body.token)).body).toMatchObject({
    kind: 'viewer',
    id: body.id,
    name: 'for Zoë',
    scopes: ['read'],
    tenants: ['acme'],
    filter,
  })
  access.time.now += limits.viewerTokenMsDefault
  expect((await whoami(body.token)).status).toBe(401)
})

test('it exports only where that was asked for and the issuer may', async () => {
  const { body } = await makeToken({ tenant: 'acme', export: true })
  expect((await whoami(body.token)).body.scopes).toEqual(['read', 'export'])
  const reader = await makeKey({ scopes: ['read'] })
  expect((await makeToken({ export: true }, reader.key)).status).toBe(403)
})

test('it lives as long as was asked for, a day at most, and not past its issuer', async () => {
  const { body } = await makeToken({ tenant: 'acme', ttl: 60 })
  expect(body.expires).toBe('2026-11-20T12:01:00.000Z')
  const expires = '2026-11-20T14:00:00+01:00'
  expect((await makeToken({ tenant: 'acme', expires })).body.expires).toBe(
    '2026-11-20T13:00:00.000Z',
  )
  const day = limits.viewerTokenMsMax / 1_000
  expect((await makeToken({ tenant: 'acme', ttl: day })).status).toBe(201)
  for (const faulty of [
    { ttl: day + 1 },
    { ttl: 0 },
    { ttl: -1 },
    { ttl: 1.5 },
    { ttl: 60, expires },
    { expires: '2026-11-20T11:59:59Z' },
    { expires: '2026-11-21T12:00:01Z' },
    { expires: 'soon' },
  ]) {
    expect((await makeToken({ tenant: 'acme', ...faulty })).status).toBe(422)
  }
  const brief = await makeKey({ expires: '2026-11-20T12:00:30Z' })
  const { token } = (await makeToken({ ttl: 60 }, brief.key)).body
  access.time.now += 30_000
  expect((await whoami(token)).status).toBe(401)
})

test('nobody makes one for a tenant they do not read (T-12)', async () => {
  expect((await makeToken({ tenant: 'gamma' })).status).toBe(403)
  expect((await makeToken({ tenant: '_system' })).status).toBe(403)
  expect((await makeToken({ tenant: '*' })).status).toBe(422)
  expect((await makeToken({})).status).toBe(422)
  const writer = await makeKey({ scopes: ['append'] })
  expect((await makeToken({ tenant: 'acme' }, writer.key)).status).toBe(403)
})

test('a viewer token makes no tokens, keys or users, and lists none (T-12)', async () => {
  const { token } = (await makeToken({ tenant: 'acme' }, rootKey)).body
  expect((await makeToken({ tenant: 'acme' }, token)).status).toBe(403)
  const key = { name: 'k', scopes: ['read'], tenants: ['acme'] }
  expect((await access.ask('POST', '/v1/keys', { as: token, body: key })).status).toBe(403)
  for (const url of ['/v1/keys', '/v1/users']) {
    expect((await access.ask('GET', url, { as: token })).status).toBe(403)
  }
  expect((await access.ask('POST', '/v1/logout', { as: token })).status).toBe(422)
})

test('claims cannot be widened, nor what is not covered be signed for (T-12)', async () => {
  const { token } = (await makeToken({ tenant: 'acme', filter: 'actor:u_1' })).body
  const [header = '', payload = '', signature = ''] = token.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  const encode = (changed: object) =>
    Buffer.from(JSON.stringify({ ...claims, ...changed })).toString('base64url')
  const sign = (text: string) =>
    createHmac('sha256', deriveTokenKey(tokenSecret)).update(text).digest('base64url')
  expect(claims).toMatchObject({ iss: instanceId, aud: instanceId })
  const others = [
    { tenant: 'beta' },
    { filter: undefined },
    { filter: 'actor:u_2' },
    { exp: claims.exp + 60 },
    { scopes: ['read', 'export'] },
  ]
  for (const other of others) {
    expect((await whoami(`${header}.${encode(other)}.${signature}`)).status).toBe(401)
  }
  // Rightly signed, and still beyond what the issuer holds.
  for (const other of [{ tenant: 'gamma' }, { tenant: '*' }, { scopes: ['admin'] }, { sub: 'x' }]) {
    const signed = `${header}.${encode(other)}`
    expect((await whoami(`${signed}.${sign(signed)}`)).status).toBe(401)
  }
})

test('it dies with its issuer: the key revoked', async () => {
  const { token } = (await makeToken({ tenant: 'acme' })).body
  expect((await whoami(token)).status).toBe(200)
  await access.ask('DELETE', `/v1/keys/${issuer.id}`, { as: rootKey })
  expect((await whoami(token)).status).toBe(401)
})

test('it dies with its issuer: the user disabled, narrowed, demoted, renewed', async () => {
  const password = 'correct horse'
  const grant = { role: 'auditor', tenants: ['acme'] }
  const body = { username: 'ada', ...grant, password }
  await access.ask('POST', '/v1/users', { as: rootKey, body })
  const change = (to: object) => access.ask('PATCH', '/v1/users/ada', { as: rootKey, body: to })
  const issue = async () => {
    const { body: session } = await access.ask('POST', '/v1/login', {
      body: { username: 'ada', password },
    })
    const { token } = (await makeToken({}, session.token)).body
    expect((await whoami(token)).status).toBe(200)
    return token
  }
  for (const [to, back] of [
    [{ tenants: ['beta'] }, grant],
    [{ role: 'writer' }, grant],
    [{ disabled: true }, { disabled: false }],
    [{ password }, {}],
  ] as const) {
    const token = await issue()
    await change(to)
    expect((await whoami(token)).status).toBe(401)
    await change(back)
  }
  const token = await issue()
  await access.ask('DELETE', '/v1/users/ada', { as: rootKey })
  await access.ask('POST', '/v1/users', { as: rootKey, body })
  expect((await whoami(token)).status).toBe(401)
})

test('it dies with its issuer: another root key', async () => {
  const { token } = (await makeToken({ tenant: '_system' }, rootKey)).body
  expect((await whoami(token)).body.tenants).toEqual(['_system'])
  await access.stop(false)
  access = await startAccess({ rootKey: 'another root key, long enough', folder: access.folder })
  expect((await whoami(token)).status).toBe(401)
  await access.stop(false)
  access = await startAccess({ folder: access.folder })
  expect((await whoami(token)).status).toBe(401)
})

test('a filter that is no query, or too long to travel, is refused by pointer', async () => {
  const { status, body } = await makeToken({ tenant: 'acme', filter: 'actor:"half' })
  expect(status).toBe(422)
  expect(body).toMatchObject({ code: 'request-invalid', errors: [{ pointer: '/filter' }] })
  const long = await makeToken({ tenant: 'acme', filter: 'é'.repeat(limits.queryCharsMax / 2) })
  expect(long.status).toBe(422)
  expect(long.body.errors).toMatchObject([{ pointer: '/filter' }])
})

test('each is recorded: who made it, for which tenant, filter and time', async () => {
  const { body } = await makeToken({ tenant: 'acme', filter: 'actor:u_1' })
  expect(access.records('token.created')).toMatchObject([
    {
      actor: { type: 'key', id: issuer.id },
      targets: [{ type: 'viewer', id: body.id }],
      data: { tenant: 'acme', scopes: ['read'], filter: 'actor:u_1', expires: body.expires },
    },
  ])
})
