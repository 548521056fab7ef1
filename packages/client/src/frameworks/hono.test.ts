import { startTestServer, testRootKey } from '@indelible/testkit'
import { Hono } from 'hono'
import { afterAll, expect, test } from 'vitest'
import { createClient } from '../index.ts'
import { auditRoute, auditTrail } from './hono.ts'

// On @hono/node-server: test/frameworks.test.ts. Here is what differs where there is no server.
const server = await startTestServer()
afterAll(() => server[Symbol.asyncDispose]())

const connect = (tenant: string) =>
  createClient({ url: server.url, key: testRootKey, tenant, drainOnSigterm: false })

test('without a server a request ends with its handler, whatever that throws', async () => {
  await using audit = connect('no-server')
  const app = new Hono()
  app.use(auditTrail(audit, { payload: true }))
  app.get('/throws', () => {
    throw new Error('broken')
  })
  app.get('/throws/no/error', () => {
    throw 'nothing of the kind'
  })
  app.post('/items', async (context) => context.json(await context.req.json(), 201))
  app.onError((_error, context) => context.text('', 500))
  await app.request('/throws')
  await expect(app.request('/throws/no/error')).rejects.toBe('nothing of the kind')
  const body = JSON.stringify({ name: 'Anvil', password: 'hunter2' })
  const type = { 'content-type': 'application/json' }
  const answer = await app.request('/items', { method: 'POST', headers: type, body })
  expect(await answer.text()).toBe(body)
  await expect.poll(() => audit.stats().delivered).toBe(3)
  const { entries } = await audit.search({ order: 'asc' })
  expect(entries.map(({ event }) => [event.action, event.outcome, event.data])).toEqual([
    ['throws.read', 'failure', expect.objectContaining({ status: 500 })],
    ['throws.no.error.read', 'failure', expect.objectContaining({ status: 500 })],
    [
      'items.create',
      'success',
      expect.objectContaining({ payload: { name: 'Anvil', password: '[redacted:password]' } }),
    ],
  ])
})

test('a form of very many fields is gone through once: it does not keep the application from others', async () => {
  await using audit = connect('large-forms')
  const app = new Hono()
  app.use(auditTrail(audit, { payload: true }))
  app.post('/forms', async (context) =>
    context.text(String([...(await context.req.formData())].length)),
  )
  // Going through all of them for each of them takes half a minute, and more than a test may.
  const body = new URLSearchParams(Array.from({ length: 40_000 }, (_, n) => [`a${n}`, '']))
  const answer = await app.request('/forms', { method: 'POST', body })
  expect(await answer.text()).toBe('40000')
  await expect.poll(() => audit.stats().delivered).toBe(1)
  const { entries } = await audit.search()
  expect(entries[0]?.event.data?.payload).toEqual({ omitted: 'too many members' })
})

test('a form is kept without its files, and a body that nobody parsed is not read', async () => {
  await using audit = connect('bodies')
  const app = new Hono()
  app.use(auditTrail(audit, { payload: true }))
  app.post('/forms', async (context) => context.json(Object.keys(await context.req.parseBody())))
  app.post('/raw', (context) => context.json({ isRead: context.req.raw.bodyUsed }))
  const form = new FormData()
  form.append('name', 'Anvil')
  form.append('tag', 'a')
  form.append('tag', 'b')
  form.append('picture', new File(['bytes'], 'anvil.png'))
  await app.request('/forms', { method: 'POST', body: form })
  const raw = await app.request('/raw', { method: 'POST', body: '{"a":1}' })
  expect(await raw.json()).toEqual({ isRead: false })
  await expect.poll(() => audit.stats().delivered).toBe(2)
  const { entries } = await audit.search({ order: 'asc' })
  expect(entries.map(({ event }) => event.data?.payload)).toEqual([
    { name: 'Anvil', tag: ['a', 'b'] },
    undefined,
  ])
})

test('behind trusted proxies the address is the one that the outermost saw, else none', async () => {
  await using audit = connect('addresses')
  const headers = { 'x-forwarded-for': '6.6.6.6, 7.7.7.7' }
  for (const trustedHops of [0, 1]) {
    const app = new Hono().use(auditTrail(audit, { trustedHops }))
    await app.request('/', { headers })
  }
  await audit.flush()
  const { entries } = await audit.search({ order: 'asc' })
  expect(entries.map(({ event }) => event.context?.ip)).toEqual([undefined, '7.7.7.7'])
})

test('a route is told from middleware, and from none', async () => {
  await using audit = connect('routes')
  const app = new Hono()
  app.use(auditTrail(audit))
  app.use('/admin/*', (context) => Promise.resolve(context.text('no', 403)))
  app.all('/any/:id', (context) => context.text(context.req.param('id')))
  app.get('/admin/users/:id', (context) => context.text(context.req.param('id')))
  for (const path of ['/admin/users/7', '/any/7', '/admin/nowhere']) await app.request(path)
  await audit.flush()
  const { entries } = await audit.search({ order: 'asc' })
  expect(entries.map(({ event }) => [event.action, event.data?.endpoint])).toEqual([
    ['admin.users.read', '/admin/users/:id'],
    ['any.read', '/any/:id'],
    ['http.read', undefined],
  ])
})

test('a route that says what differs needs the trail before it', async () => {
  const app = new Hono().onError((error, context) => context.text(error.message, 500))
  app.get('/', auditRoute({ skip: true }), (context) => context.text(''))
  const answer = await app.request('/')
  expect([answer.status, await answer.text()]).toEqual([500, expect.stringContaining('auditTrail')])
})
