import { startTestServer } from '@indelible/testkit'
import { afterAll, expect, test } from 'vitest'
import { adminPassword, startApp, userPassword } from './testing/start-app.ts'

const indelible = await startTestServer()
afterAll(() => indelible[Symbol.asyncDispose]())

test('too many log-ins are turned away, with the time to wait, and others are not', async () => {
  await using app = await startApp({
    indelible,
    tenant: 'log-ins',
    limits: { loginsPerMinute: 3 },
  })
  const admin = await app.logIn('admin', adminPassword)
  const body = { username: 'ada', password: 'wrong-password' }
  const statuses = []
  for (let n = 0; n < 5; n++) statuses.push((await app.ask('/login', { body })).status)
  expect(statuses).toEqual([401, 401, 429, 429, 429])
  const { json, headers } = await app.ask('/login', { body })
  expect(json).toMatchObject({ status: 429, code: 'rate-exceeded', request: expect.any(String) })
  const seconds = Number(headers.get('retry-after'))
  expect(seconds).toBeGreaterThan(0)
  expect(seconds).toBeLessThanOrEqual(60)
  expect((await app.ask('/items', { token: admin })).status).toBe(200)

  // What was turned away is not on record.
  const { json: page } = await app.ask('/audit?action=users.login', { token: admin })
  expect(page.entries.map(({ status }: { status: number }) => status)).toEqual([401, 401, 200])
})

test('signing up is limited like logging in', async () => {
  await using app = await startApp({
    indelible,
    tenant: 'sign-ups',
    limits: { loginsPerMinute: 2 },
  })
  const statuses = []
  for (const username of ['one', 'two', 'three']) {
    const body = { username, password: userPassword }
    statuses.push((await app.ask('/users', { body })).status)
  }
  expect(statuses).toEqual([201, 201, 429])
})

test('whatever is asked for is limited, tokens that are guessed and routes that are not there', async () => {
  await using app = await startApp({ indelible, tenant: 'all', limits: { requestsPerMinute: 4 } })
  const asked = [
    await app.ask('/items', { token: 'a.b.c' }),
    await app.ask('/nothing'),
    await app.ask('/items', { body: {} }),
    await app.ask('/docs/json'),
  ]
  expect(asked.map(({ status }) => status)).toEqual([401, 404, 401, 200])
  for (const path of ['/items', '/nothing', '/audit', '/docs/json']) {
    const { status, headers } = await app.ask(path)
    expect([path, status, headers.has('retry-after')]).toEqual([path, 429, true])
  }
  expect((await app.ask('/healthz')).status).toBe(200)
})
