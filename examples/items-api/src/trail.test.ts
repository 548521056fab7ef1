import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTemporaryFolder, startTestServer } from '@indelible/testkit'
import { afterAll, expect, test } from 'vitest'
import { adminPassword, startApp, userPassword } from './testing/start-app.ts'

const indelible = await startTestServer()
afterAll(() => indelible[Symbol.asyncDispose]())

test('a write is on record with who did it, what, when, what was sent, and where', async () => {
  await using app = await startApp({ indelible, tenant: 'a-write' })
  const token = await app.join('ada')
  const before = Date.now()
  const { json: item } = await app.ask('/items/', { token, body: { name: 'Lamp', price: 24.5 } })
  const [line, ...others] = await app.trail('user=ada&action=items.*')
  expect(others).toEqual([])
  expect(line).toMatchObject({
    user: 'ada',
    verified: true,
    action: 'items.create',
    outcome: 'success',
    endpoint: '/items',
    method: 'POST',
    status: 201,
    payload: { name: 'Lamp', price: 24.5 },
    targets: [{ type: 'items', id: String(item.id) }],
    ip: expect.stringMatching(/127\.0\.0\.1$/),
  })
  expect(Date.parse(line?.time ?? '')).toBeGreaterThanOrEqual(before)
  expect(Date.parse(line?.time ?? '')).toBeLessThanOrEqual(Date.now())
})

test('a refused write is on record, too, with the request id that its caller was told', async () => {
  await using app = await startApp({ indelible, tenant: 'refused-writes' })
  const token = await app.join('ada')
  const invalid = await app.ask('/items', { token, body: { name: '', price: 1 } })
  const stranger = await app.ask('/items', { body: { name: 'Lamp', price: 1 } })
  const [first, second] = await app.trail('action=items.create')
  expect(first).toMatchObject({ user: 'ada', status: 400, outcome: 'failure' })
  expect(first?.request).toBe(invalid.json.request)
  expect(second).toMatchObject({ user: null, verified: false, status: 401, outcome: 'denied' })
  expect(second?.request).toBe(stranger.headers.get('x-request-id'))
})

test('sign-ups and log-ins are on record: whose, and, where they fail, who was claimed', async () => {
  await using app = await startApp({ indelible, tenant: 'log-ins' })
  await app.join('ada')
  await app.ask('/login', { body: { username: 'ada', password: 'not-her-password' } })
  await app.ask('/login', { body: { username: 'mallory', password: 'anything-at-all' } })
  await app.ask('/users', { body: { username: 'ada', password: 'another-password' } })
  const lines = await app.trail('action=users.*')
  const told = lines.map(({ user, verified, action, outcome, payload }) => [
    ...[action, outcome, user, verified, payload],
  ])
  expect(told.slice(0, -1)).toEqual([
    ['users.create', 'success', 'ada', true, { username: 'ada' }],
    ['users.login', 'success', 'ada', true, { username: 'ada' }],
    ['users.login', 'denied', 'ada', false, { username: 'ada' }],
    ['users.login', 'denied', 'mallory', false, { username: 'mallory' }],
    ['users.create', 'failure', null, false, { username: 'ada' }],
  ])
  expect(await app.trail('user=ada&action=users.login')).toHaveLength(2)
})

test('no password and no token is in any entry, wherever its sender put it', async () => {
  await using app = await startApp({ indelible, tenant: 'secrets' })
  const secret = (n: number) => `S3cret-word-of-${n}`
  const token = await app.join('ada')
  const lamp = { name: 'Lamp', price: 1 }
  await app.ask('/login', { body: { username: 'ada', password: secret(1) } })
  await app.ask('/login', { body: { username: secret(2), password: secret(3) } })
  await app.ask('/login', { body: { username: 'ada', passwort: secret(4) } })
  await app.ask('/login', { body: `{"username":"ada","password":"${secret(5)}` })
  await app.ask('/login', { body: [secret(6)] })
  await app.ask(`/login?password=${secret(7)}`, { body: { username: 'ada', password: secret(8) } })
  await app.ask('/users', { body: { username: 'eve', password: secret(9), pin: secret(10) } })
  await app.ask('/items', { token, body: { ...lamp, password: secret(11), apiKey: secret(12) } })
  await app.ask('/items', { token: `${token.slice(0, -4)}AAAA`, body: lamp })
  await app.ask('/items', { token, body: { ...lamp, description: `Bearer ${token}` } })
  await app.ask(`/audit?user=${secret(13)}`, { token })
  const adminToken = await app.logIn('admin', adminPassword)
  const lines = await app.trail()
  expect(lines.length).toBeGreaterThanOrEqual(13)

  const entries = await indelible.ask('/v1/export?tenant=secrets&format=ndjson')
  expect(entries.text.trim().split('\n').length).toBeGreaterThanOrEqual(lines.length)
  const kept = [entries.text, readFileSync(join(app.folder, 'items.db'), 'latin1')].join('\n')
  const signatures = [token, adminToken].map((text) => text.split('.')[2] ?? text)
  for (const word of ['S3cret-word', adminPassword, userPassword, '$argon2', ...signatures]) {
    expect(entries.text).not.toContain(word)
  }
  for (const word of ['S3cret-word', adminPassword, userPassword]) expect(kept).not.toContain(word)
})

test('users who write at the same time are never taken for one another', async () => {
  await using app = await startApp({ indelible, tenant: 'many-users' })
  const names = Array.from({ length: 8 }, (_, n) => `user-${n}`)
  const tokens = await Promise.all(names.map((name) => app.join(name)))
  const numbers = Array.from({ length: 40 }, (_, n) => n)
  await Promise.all(
    numbers.flatMap((n) =>
      tokens.map((token, at) =>
        app.ask('/items', { token, body: { name: `${names[at]} made ${n}`, price: n } }),
      ),
    ),
  )
  const lines = await app.trail('action=items.create')
  expect(lines).toHaveLength(names.length * numbers.length)
  for (const { user, payload } of lines) {
    expect((payload as { name: string }).name.startsWith(`${user} made `)).toBe(true) // as sent
  }
})

test('what was only looked at is not on record; who looked at the trail is', async () => {
  await using app = await startApp({ indelible, tenant: 'reads' })
  const token = await app.join('ada')
  await app.ask('/items/', { method: 'OPTIONS' })
  for (const path of ['/items/', '/items/1', '/healthz', '/docs', '/nothing']) {
    await app.ask(path, { token })
  }
  await app.ask('/audit?user=ada', { token })
  await app.trail()
  const lines = await app.trail()
  const reads = lines.filter(({ method }) => method !== 'POST')
  expect(reads.map(({ user, action, outcome }) => [user, action, outcome])).toEqual([
    ['ada', 'audit.read', 'denied'],
    ['admin', 'audit.read', 'success'],
  ])
})

test('while the audit log is away the API answers, and what it did arrives afterwards, once', async () => {
  using temporary = createTemporaryFolder()
  const folder = join(temporary.path, 'data')
  const away = await startTestServer({ folder })
  const port = Number(new URL(away.url).port)
  await using app = await startApp({
    indelible: away,
    tenant: 'outage',
    client: { appendTimeoutMs: 200, closeTimeoutMs: 200 },
  })
  const token = await app.join('ada')
  await app.audit.flush()
  await away.stop()

  const names = Array.from({ length: 20 }, (_, n) => `made in the dark ${n}`)
  for (const name of names) {
    const { status } = await app.ask('/items/', { token, body: { name, price: 1 } })
    expect(status).toBe(201)
  }
  const { json: health } = await app.ask('/healthz')
  expect(health.audit.pending).toBe(names.length)
  const adminToken = await app.logIn('admin', adminPassword)
  const search = await app.ask('/audit', { token: adminToken })
  expect([search.status, search.json.code]).toEqual([503, 'audit-unavailable'])
  expect(search.headers.get('retry-after')).toBe('5')

  await using back = await startTestServer({ folder, config: { port } })
  expect(back.url).toBe(away.url)
  await app.audit.flush()
  const lines = await app.trail('action=items.create')
  expect(lines.map(({ payload }) => (payload as { name: string }).name)).toEqual(names) // as sent
})
