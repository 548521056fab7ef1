import { afterEach, beforeEach, expect, test } from 'vitest'
import { type AccessUnderTest, rootKey, startAccess } from '../testing/start-access.ts'

let access: AccessUnderTest
beforeEach(async () => {
  access = await startAccess({ rootKey })
})
afterEach(() => access.stop())

const make = (tenant: string, as = rootKey, name?: string) =>
  access.ask('POST', '/v1/tenants', {
    as,
    body: name === undefined ? { tenant } : { tenant, name },
  })
const list = async (as: string) => (await access.ask('GET', '/v1/tenants', { as })).body.tenants
const makeKey = async (scopes: string[], tenants: string[]): Promise<string> =>
  (await access.ask('POST', '/v1/keys', { as: rootKey, body: { name: 'k', scopes, tenants } })).body
    .key

test('a tenant is made with its log, recorded, and made once', async () => {
  const { status, body } = await make('acme', rootKey, 'Acme Ltd')
  expect(status).toBe(201)
  expect(body).toEqual({ tenant: 'acme', name: 'Acme Ltd', created: '2026-11-20T12:00:00.000Z' })
  expect((await make('acme')).body.code).toBe('resource-conflict')
  expect(access.records('tenant.created')).toMatchObject([
    { actor: { type: 'root' }, targets: [{ type: 'tenant', id: 'acme' }] },
  ])
  expect(await list(rootKey)).toContainEqual({ tenant: 'acme', name: 'Acme Ltd' })
})

test('everybody sees the tenants of their own grant, and _system only where it is named', async () => {
  await make('acme')
  await make('beta')
  const names = async (as: string) => (await list(as)).map((one: { tenant: string }) => one.tenant)
  expect(await names(rootKey)).toEqual(['_system', 'acme', 'beta'])
  expect(await names(await makeKey(['read'], ['*']))).toEqual(['acme', 'beta'])
  expect(await names(await makeKey(['append'], ['beta', 'later']))).toEqual(['beta'])
})

test('names that are ours, or none, are refused; so is what the grant does not cover (C-01)', async () => {
  for (const tenant of ['_system', '_mine', '', 'a b', '../acme', 'a'.repeat(129), 'acme\n']) {
    expect((await make(tenant)).status).toBe(422)
  }
  const admin = await makeKey(['admin'], ['acme'])
  expect((await make('beta', admin)).status).toBe(403)
  expect((await make('acme', admin)).status).toBe(201)
  expect((await make('gamma', await makeKey(['append'], ['*']))).status).toBe(403)
})
