import { once } from 'node:events'
import { connect, createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { startTestServer, testRootKey } from '@indelible/testkit'
import Router from '@koa/router'
import Koa from 'koa'
import { afterAll, expect, test } from 'vitest'
import { createClient } from '../index.ts'
import { auditRoute, auditTrail } from './koa.ts'

const server = await startTestServer()
afterAll(() => server[Symbol.asyncDispose]())

/** Asks an application for paths, one after the other. */
async function ask(app: Koa, paths: readonly string[]): Promise<number[]> {
  const listening = app.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  const { port } = listening.address() as AddressInfo // not a pipe
  const statuses: number[] = []
  for (const path of paths) statuses.push((await fetch(`http://127.0.0.1:${port}${path}`)).status)
  listening.close()
  return statuses
}

test('a route is the one that ran, or that a router’s own middleware kept the request from', async () => {
  const options = { url: server.url, key: testRootKey, tenant: 'koa', drainOnSigterm: false }
  await using audit = createClient(options)
  const router = new Router({ prefix: '/api/v1' })
  router.use('/admin', (context, next) => (context.query.key === '1' ? next() : context.throw(403)))
  router.get('/admin/users/:id', (context) => {
    context.body = {}
  })
  router.get('/items/new', (context) => {
    context.body = {}
  })
  router.get('/items/:id', (context) => {
    context.body = {}
  })
  router.post('/posted', (context) => {
    context.body = {}
  })
  const app = new Koa()
  app.silent = true
  app.use(auditTrail(audit)).use(router.routes()).use(router.allowedMethods())
  const paths = ['admin/users/7?key=1', 'admin/users/7', 'items/new', 'items/7', 'posted', 'none']
  expect(
    await ask(
      app,
      paths.map((path) => `/api/v1/${path}`),
    ),
  ).toEqual([200, 403, 200, 200, 405, 404])
  await audit.flush()
  const { entries } = await audit.search({ order: 'asc' })
  expect(
    entries.map(({ event: { action, outcome, data } }) => [action, outcome, data?.endpoint]),
  ).toEqual([
    ['admin.users.read', 'success', '/api/v1/admin/users/:id'],
    ['admin.users.read', 'denied', '/api/v1/admin/users/:id'],
    ['items.new.read', 'success', '/api/v1/items/new'],
    ['items.read', 'success', '/api/v1/items/:id'],
    ['http.read', 'failure', undefined],
    ['http.read', 'failure', undefined],
  ])
})

test('over HTTP/2 a request is on record as over HTTP/1', async () => {
  const options = { url: server.url, key: testRootKey, tenant: 'http2', drainOnSigterm: false }
  await using audit = createClient(options)
  const app = new Koa()
  app.use(auditTrail(audit))
  app.use((context) => {
    context.body = 'fine'
  })
  const listening = createServer(app.callback()).listen(0, '127.0.0.1')
  await once(listening, 'listening')
  const { port } = listening.address() as AddressInfo // not a pipe
  const session = connect(`http://127.0.0.1:${port}`)
  const stream = session.request({ ':path': '/' }).resume()
  await once(stream, 'end')
  session.close()
  listening.close()
  await expect.poll(() => audit.stats().delivered).toBe(1)
  const { entries } = await audit.search()
  expect(entries[0]?.event).toMatchObject({
    outcome: 'success',
    context: { ip: '127.0.0.1', method: 'GET', path: '/' },
    data: { status: 200 },
  })
})

test('a route that says what differs needs the trail before it', async () => {
  const app = new Koa()
  const faults: unknown[] = []
  app.on('error', (fault) => faults.push(fault))
  app.use(auditRoute({ skip: true }))
  expect(await ask(app, ['/'])).toEqual([500])
  expect(faults).toEqual([
    expect.objectContaining({ message: expect.stringMatching(/auditTrail/) }),
  ])
})
