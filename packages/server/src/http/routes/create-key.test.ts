import { limits } from '@indelible/protocol'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type AccessUnderTest, rootKey, startAccess } from '../testing/start-access.ts'

let access: AccessUnderTest
beforeEach(async () => {
  access = await startAccess({ rootKey })
})
afterEach(() => access.stop())

const good = { name: 'billing', scopes: ['append'], tenants: ['acme'] }
const make = (body: unknown, as = rootKey) => access.ask('POST', '/v1/keys', { as, body })
const list = async (as = rootKey) => (await access.ask('GET', '/v1/keys', { as })).body.keys
const revoke = (id: string, as = rootKey) => access.ask('DELETE', `/v1/keys/${id}`, { as })

test('a key is shown once, and listed without its secret or hash', async () => {
  const expires = '2027-01-01T01:00:00+01:00'
  const { status, body } = await make({ ...good, expires, rate: 50 })
  expect(status).toBe(201)
  const { key, ...shown } = body
  expect(key).toMatch(/^ind_[a-z2-7]{12}_[0-9A-Za-z]{32}$/)
  expect(shown).toEqual({
    id: key.split('_')[1],
    ...good,
    rate: 50,
    created: '2026-11-20T12:00:00.000Z',
    createdBy: 'root:root',
    expires: '2027-01-01T00:00:00.000Z',
    lastUsed: null,
  })
  expect(await list()).toEqual([shown])
})

test('what is not a key’s description is refused by pointer, and nothing is made', async () => {
  const faulty: [object, string][] = [
    [{ scopes: ['append', 'write'] }, '/scopes/1'],
    [{ scopes: [] }, '/scopes'],
    [{ tenants: [] }, '/tenants'],
    [{ tenants: ['acme', '_other'] }, '/tenants/1'],
    [{ tenants: ['a b'] }, '/tenants/0'],
    [{ tenants: ['acme', 'acme'] }, '/tenants/1'],
    [{ expires: '2026-11-20T12:00:00Z' }, '/expires'],
    [{ expires: 'never' }, '/expires'],
    [{ rate: 0 }, '/rate'],
    [{ rate: 0.5 }, '/rate'],
    [{ name: '' }, '/name'],
    [{ name: 7 }, '/name'],
  ]
  for (const [change, pointer] of faulty) {
    const { status, body } = await make({ ...good, ...change })
    expect([status, body.code]).toEqual([422, 'request-invalid'])
    expect(body.errors.map((fault: { pointer: string }) => fault.pointer)).toContain(pointer)
  }
  for (const body of [{}, [], { ...good, hash: 'x' }, { ...good, id: 'mine' }, { name: 'n' }]) {
    expect((await make(body)).status).toBe(422)
  }
  expect(await list()).toEqual([])
})

test('names need not be unique; ids are', async () => {
  const [one, other] = [(await make(good)).body, (await make(good)).body]
  expect(one.id).not.toBe(other.id)
  expect(await list()).toHaveLength(2)
})

test('nobody makes a key that reaches further than their own (P-02)', async () => {
  const { key } = (await make({ name: 'a', scopes: ['read', 'admin'], tenants: ['acme'] })).body
  expect((await make({ ...good, scopes: ['read'] }, key)).status).toBe(201)
  for (const grant of [
    { scopes: ['append'] },
    { scopes: ['read'], tenants: ['beta'] },
    { scopes: ['read'], tenants: ['acme', 'beta'] },
    { scopes: ['read'], tenants: ['*'] },
    { scopes: ['read'], tenants: ['_system'] },
  ]) {
    const { status, body } = await make({ ...good, ...grant }, key)
    expect([status, body.code]).toEqual([403, 'scope-insufficient'])
  }
})

test('without the scope admin, keys are neither made nor seen nor revoked', async () => {
  const { id, key } = (await make({ ...good, scopes: ['append', 'read', 'export'] })).body
  expect((await make(good, key)).status).toBe(403)
  expect((await access.ask('GET', '/v1/keys', { as: key })).status).toBe(403)
  expect((await revoke(id, key)).status).toBe(403)
})

test('an administrator sees and revokes keys within their tenants only; beyond, there are none', async () => {
  const admin = (await make({ name: 'a', scopes: ['admin'], tenants: ['acme'] })).body
  const near = (await make(good)).body
  const far = (await make({ ...good, tenants: ['beta'] })).body
  const both = (await make({ ...good, tenants: ['acme', 'beta'] })).body
  const seen = await list(admin.key)
  expect(seen.map((key: { id: string }) => key.id).sort()).toEqual([admin.id, near.id].sort())
  const unknown = await revoke('aaaaaaaaaaaa', admin.key)
  expect(unknown.status).toBe(404)
  for (const { id } of [far, both]) {
    expect((await revoke(id, admin.key)).body).toEqual(unknown.body)
  }
  expect((await revoke(near.id, admin.key)).status).toBe(204)
  expect((await revoke(near.id, admin.key)).status).toBe(404)
})

test('every act is recorded with who, what and to what end', async () => {
  const { id } = (await make(good)).body
  await revoke(id)
  const actor = { type: 'root', id: 'root' }
  const targets = [{ type: 'key', id, name: 'billing' }]
  expect(access.records('key.created')).toMatchObject([
    { actor, targets, outcome: 'success', data: { scopes: ['append'], tenants: ['acme'] } },
  ])
  expect(access.records('key.revoked')).toMatchObject([{ actor, targets, outcome: 'success' }])
  expect(access.records('key.created')[0]?.context).toHaveProperty('request')
})

test('where the record cannot be written, the act does not happen (P-09)', async () => {
  const { id, key } = (await make(good)).body
  access.failing.ledger = true
  expect((await make(good)).status).toBe(500)
  expect((await revoke(id)).status).toBe(500)
  access.failing.ledger = false
  expect(await list()).toHaveLength(1)
  expect((await access.ask('GET', '/whoami', { as: key })).status).toBe(200)
})

test('of many revocations at once one is done, and one is recorded', async () => {
  const { id } = (await make(good)).body
  const answers = await Promise.all(Array.from({ length: 10 }, () => revoke(id)))
  expect(answers.filter(({ status }) => status === 204)).toHaveLength(1)
  expect(access.records('key.revoked')).toHaveLength(1)
})

test('when a key was last used is kept without a record for each use', async () => {
  const { id, key } = (await make(good)).body
  access.time.now += 5_000
  for (let n = 0; n < 3; n++) await access.ask('GET', '/whoami', { as: key })
  expect(await list()).toMatchObject([{ id, lastUsed: '2026-11-20T12:00:05.000Z' }])
  const before = access.records('key.created').length
  await access.administration.directory.flush()
  await access.administration.directory.load()
  expect(await list()).toMatchObject([{ id, lastUsed: '2026-11-20T12:00:05.000Z' }])
  expect(access.records('key.created')).toHaveLength(before)
})

test('a flood of acts is pushed back, and what runs in the background then fails, not the service', async () => {
  const { directory } = access.administration
  const nothing = () => {
    throw new Error('decided against')
  }
  const acts = Array.from({ length: limits.administrationWaitingMax }, () =>
    directory.administer(nothing).catch((error: Error) => error.message),
  )
  const flushing = directory.flush()
  await expect(flushing).rejects.toMatchObject({ code: 'pushback' })
  expect(new Set(await Promise.all(acts))).toEqual(new Set(['decided against']))
})

test('when a key was last used is written down later where it could not be at once', async () => {
  const { id, key } = (await make(good)).body
  access.time.now += 5_000
  await access.ask('GET', '/whoami', { as: key })
  access.failing.ledger = true
  await expect(access.administration.directory.flush()).rejects.toThrow('the disk is gone')
  access.failing.ledger = false
  await access.administration.directory.flush()
  await access.stop(false)
  access = await startAccess({ rootKey, folder: access.folder })
  expect(await list()).toMatchObject([{ id, lastUsed: '2026-11-20T12:00:05.000Z' }])
})
