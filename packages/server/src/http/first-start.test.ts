import { afterEach, expect, test } from 'vitest'
import { type AccessUnderTest, startAccess } from './testing/start-access.ts'

let access: AccessUnderTest
afterEach(() => access.stop())

async function restart() {
  await access.stop(false)
  access = await startAccess({ folder: access.folder })
}
const logIn = async (password: string) =>
  (await access.ask('POST', '/v1/login', { body: { username: 'admin', password } })).status

test('the first start makes an administrator with a password that is told once', async () => {
  access = await startAccess()
  const password = await access.administration.firstStart.ensureAdmin()
  expect(password).toMatch(/^([a-z2-9]{5}-){5}[a-z2-9]{5}$/)
  expect(await logIn(String(password))).toBe(200)
  await restart()
  expect(await access.administration.firstStart.ensureAdmin()).toBeUndefined()
  expect(await logIn(String(password))).toBe(200)
})

test('a password that was set is used, never told, and does not replace one that exists', async () => {
  access = await startAccess()
  const ensure = (password: string) => access.administration.firstStart.ensureAdmin({ password })
  expect(await ensure('set by the operator')).toBeUndefined()
  expect(await ensure('another one, later')).toBeUndefined()
  expect(await logIn('set by the operator')).toBe(200)
  expect(await logIn('another one, later')).toBe(401)
})

test('a weak password that was set keeps the service from starting (C-07)', async () => {
  access = await startAccess()
  await expect(access.administration.firstStart.ensureAdmin({ password: 'admin' })).rejects.toThrow(
    'INDELIBLE_ADMIN_PASSWORD',
  )
})

test('the root key is made once; revoked, it does not come back (A-21)', async () => {
  access = await startAccess()
  const key = await access.administration.firstStart.ensureRootKey()
  const { body } = await access.ask('GET', '/whoami', { as: String(key) })
  expect(body).toMatchObject({
    kind: 'key',
    name: 'root',
    scopes: ['append', 'read', 'export', 'admin'],
    tenants: ['*', '_system'],
  })
  await access.ask('DELETE', `/v1/keys/${body.id}`, { as: String(key) })
  await restart()
  expect(await access.administration.firstStart.ensureRootKey()).toBeUndefined()
  expect((await access.ask('GET', '/whoami', { as: String(key) })).status).toBe(401)
})

test('what the first start makes is recorded', async () => {
  access = await startAccess()
  await access.administration.firstStart.ensureAdmin()
  await access.administration.firstStart.ensureRootKey()
  const actor = { type: 'system', id: 'indelible' }
  expect(access.records('user.created')).toMatchObject([{ actor, targets: [{ id: 'admin' }] }])
  expect(access.records('key.created')).toMatchObject([{ actor, targets: [{ name: 'root' }] }])
})
