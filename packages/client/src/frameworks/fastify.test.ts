import { startTestServer, testRootKey } from '@indelible/testkit'
import fastify, { type FastifyRequest } from 'fastify'
import { afterAll, expect, test } from 'vitest'
import { createClient } from '../index.ts'
import { auditTrail } from './fastify.ts'

const server = await startTestServer()
afterAll(() => server[Symbol.asyncDispose]())

const connect = (tenant: string) =>
  createClient({ url: server.url, key: testRootKey, tenant, drainOnSigterm: false })
const actor = ({ headers }: FastifyRequest) => ({ id: String(headers['x-user']) })
const headers = { 'x-user': 'u_1' }

test('what ends before a handler is reached is on record, also where there is no socket', async () => {
  await using audit = connect('before-handlers')
  await using app = fastify()
  app.register(auditTrail(audit, { actor }))
  app.addHook('preHandler', async ({ url }) => {
    if (url === '/hook') throw new Error('broken')
  })
  const body = { type: 'object', required: ['name'] }
  app.post('/items', { schema: { body } }, async () => ({}))
  app.get('/hook', async () => ({}))
  await app.inject({ method: 'POST', url: '/items', headers, payload: {} })
  await app.inject({ method: 'POST', url: '/items', headers, body: '{' })
  await app.inject({ url: '/hook', headers })
  await app.inject({ url: '/nowhere', headers })
  await audit.flush()
  const { entries } = await audit.search({ order: 'asc' })
  expect(entries.map(({ event }) => [event.action, event.outcome, event.data?.status])).toEqual([
    ['items.create', 'failure', 400],
    ['items.create', 'failure', 415],
    ['hook.read', 'failure', 500],
    ['http.read', 'failure', 404],
  ])
})

test('what a handler records has its actor, though its body came in an event of the socket', async () => {
  await using audit = connect('bodies')
  await using app = fastify()
  app.register(auditTrail(audit, { actor, skip: true }))
  app.addContentTypeParser('text/plain', (_request, payload, done) => {
    payload.resume()
    // An event that comes from elsewhere, as those of a keep-alive socket do.
    audit.run({ actor: { id: 'somebody else' } }, () => payload.once('end', () => done(null, '')))
  })
  app.post('/items', (_request, reply) => {
    audit.record({ action: 'item.made' })
    reply.send({})
  })
  const type = { 'content-type': 'text/plain' }
  await app.inject({ method: 'POST', url: '/items', headers: { ...headers, ...type }, body: 'a' })
  await audit.flush()
  const { entries } = await audit.search()
  expect(entries.map(({ event }) => event.actor?.id)).toEqual(['u_1'])
})

test('a trail within a trail says what differs, and records once', async () => {
  await using audit = connect('twice')
  await using app = fastify()
  app.register(auditTrail(audit, { actor, data: () => ({ all: true }) }))
  app.register(async (billing) => {
    billing.register(auditTrail(audit, { action: 'billing.used', required: true }))
    billing.get('/bills', async () => ({}))
  })
  await app.inject({ url: '/bills', headers })
  await audit.flush()
  const { entries } = await audit.search({ order: 'asc' })
  expect(entries.map(({ event }) => [event.action, event.actor?.id, event.data?.all])).toEqual([
    ['billing.used.attempted', 'u_1', true],
    ['billing.used', 'u_1', true],
  ])
})

test('a required record names an actor whom the route’s own hook has authenticated', async () => {
  await using audit = connect('authenticated')
  await using app = fastify()
  const users = new WeakMap<FastifyRequest, string>()
  app.register(auditTrail(audit, { actor: (request) => ({ id: users.get(request) ?? '' }) }))
  const preHandler = async (request: FastifyRequest) => void users.set(request, 'u_1')
  const config = { audit: { required: true } }
  app.post('/declared-before', { config, preHandler }, async () => ({}))
  app.register(async (child) => {
    child.post('/vault', { config, preHandler }, async () => ({}))
  })
  await app.inject({ method: 'POST', url: '/vault' })
  await app.inject({ method: 'POST', url: '/declared-before' })
  await audit.flush()
  const { entries } = await audit.search({ order: 'asc' })
  expect(entries.map(({ event }) => [event.action, event.actor?.id])).toEqual([
    ['vault.create.attempted', 'u_1'],
    ['declared-before.create.attempted', 'anonymous'],
    ['vault.create', 'u_1'],
    ['declared-before.create', 'u_1'],
  ])
})

test('a count of requests, which begins again at each start, is no request’s id', async () => {
  await using audit = connect('ids')
  await using app = fastify({ requestIdHeader: 'x-correlation' })
  app.register(auditTrail(audit))
  await app.inject('/')
  await app.inject({ url: '/', headers: { 'x-correlation': 'c-1' } })
  await audit.flush()
  const { entries } = await audit.search({ order: 'asc' })
  expect(entries.map(({ event }) => event.context?.request)).toEqual([
    expect.stringMatching(/^[0-9a-f-]{36}$/),
    'c-1',
  ])
})

test('where Fastify cuts a path at a semicolon, a target is what is before it', async () => {
  await using audit = connect('semicolon')
  // No type of Fastify's knows it there.
  const routerOptions: object = { useSemicolonDelimiter: true }
  await using app = fastify({ routerOptions })
  app.register(auditTrail(audit))
  app.delete<{ Params: { id: string } }>('/items/:id', async ({ params }) => params.id)
  const { body } = await app.inject({ method: 'DELETE', url: '/items/7;a=b' })
  expect(body).toBe('7')
  await audit.flush()
  const { entries } = await audit.search()
  expect(entries[0]?.event.targets).toEqual([{ type: 'items', id: '7' }])
})
