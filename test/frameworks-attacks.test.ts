import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { type Client, createClient } from '@indelible/client'
import { auditRoute, auditTrail } from '@indelible/client/express'
import { startTestServer, testRootKey } from '@indelible/testkit'
import express, { type Express } from 'express'
import { afterAll, expect, test, vi } from 'vitest'
import { listen } from './frameworks/express.ts'

const server = await startTestServer()
afterAll(() => server[Symbol.asyncDispose]())

const open = (tenant: string): Client =>
  createClient({ url: server.url, key: testRootKey, tenant, drainOnSigterm: false })

/** Writes bytes as they are to an application, and reads until `count` answers have come. */
async function sendBytes(app: Express, bytes: string, count = 1): Promise<string> {
  await using rig = await listen(app)
  const socket = connect(Number(new URL(rig.url).port), '127.0.0.1')
  let answered = ''
  socket.on('data', (chunk) => {
    answered += chunk
  })
  socket.write(bytes, 'latin1')
  await expect.poll(() => answered.match(/HTTP\/1\.1 \d/g)?.length).toBe(count)
  socket.destroy()
  await once(socket, 'close')
  return answered
}

async function eventsOf(audit: Client, count: number) {
  await expect.poll(() => audit.stats().delivered).toBe(count)
  const { entries } = await audit.search({ order: 'asc' })
  return entries.map(({ event }) => event)
}

test('pipelined requests take nothing from each other', async () => {
  await using audit = open('pipelined')
  const app = express()
  const tenant = (request: express.Request) => request.header('x-tenant')
  app.use(auditTrail(audit, { tenant }))
  app.get('/slow', (_request, response) => void setTimeout(() => response.send('slow'), 50))
  app.get('/fast', (_request, response) => void response.send('fast'))
  const trace = 'traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n'
  const slow = `GET /slow HTTP/1.1\r\nhost: a\r\nx-tenant: pipelined-other\r\n${trace}\r\n`
  const fast = 'GET /fast HTTP/1.1\r\nhost: a\r\n\r\n'
  await sendBytes(app, slow + fast, 2)
  const [event] = await eventsOf(audit, 2)
  expect(event).toMatchObject({ action: 'fast.read', tenant: 'pipelined' })
  expect(event?.context).not.toHaveProperty('trace')
})

/** Who logs on and off, as sessions do it. */
type Asked = express.Request & { user?: { id: string } }
const actor = (request: Asked) => ({ id: (request.user as { id: string }).id })

test('options that throw, or promise, change no response, and there is an event', async () => {
  await using audit = open('nonsense')
  const faults: string[] = []
  const app = express()
  const late = () => Promise.reject(new Error('late')) as never
  const onFault = (fault: unknown) => void faults.push(String(fault))
  app.use(auditTrail(audit, { actor: late, skip: late, targets: late, tenant: late, onFault }))
  app.use('/throws', auditRoute({ skip: () => JSON.parse('{'), data: () => JSON.parse('{') }))
  app.use((_request, response) => void response.send('fine'))
  await using rig = await listen(app)
  for (const path of ['/', '/throws']) {
    expect(await (await fetch(rig.url + path)).text()).toBe('fine')
  }
  const events = await eventsOf(audit, 2)
  expect(events.map(({ actor, outcome }) => [actor?.id, outcome])).toEqual([
    ['anonymous', 'success'],
    ['anonymous', 'success'],
  ])
  expect(faults.filter((fault) => fault.includes('not by a promise'))).toHaveLength(6 + 1)
  expect(faults.filter((fault) => fault.includes('SyntaxError'))).toHaveLength(2)
})

test('a fault that holds a request’s text writes one line, and one alone', async () => {
  await using audit = open('faults')
  const told = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  const app = express()
  app.use(
    auditTrail(audit, {
      actor: (request) => {
        throw new Error(`unknown: ${decodeURIComponent(String(request.query.user))}`)
      },
    }),
  )
  app.use((_request, response) => void response.end())
  await using rig = await listen(app)
  for (const _ of [1, 2]) await fetch(`${rig.url}/?user=a%0Aindelible:%20all%20is%20well%1B[2J`)
  await eventsOf(audit, 2)
  const lines = told.mock.calls.map(([line]) => String(line))
  told.mockRestore()
  expect(lines).toEqual([expect.stringMatching(/unknown: a indelible: all is well \[2J$/)])
})

test('who logs out is still who did it, if it was known once', async () => {
  await using audit = open('log-out')
  const app = express()
  app.use(auditTrail(audit, { actor }))
  app.use((request: Asked, _response, next) => {
    request.user = { id: 'u_1' }
    next()
  })
  app.post('/sessions', (request: Asked, response) => {
    audit.record({ action: 'session.ended' })
    delete request.user
    response.end()
  })
  await using rig = await listen(app)
  await fetch(`${rig.url}/sessions`, { method: 'POST' })
  const events = await eventsOf(audit, 2)
  expect(events.map(({ action, actor }) => [action, actor?.id])).toEqual([
    ['session.ended', 'u_1'],
    ['sessions.create', 'u_1'],
  ])
})

test('auditRoute behind a body parser that loses the context brings it back', async () => {
  await using audit = open('parsers')
  const app = express()
  app.use(auditTrail(audit, { actor: (request) => ({ id: request.header('x-user') ?? '' }) }))
  app.use((request, _response, next) => {
    request.resume()
    // An event that comes from elsewhere, as those of a keep-alive socket do.
    audit.run({ actor: { id: 'somebody else' } }, () => request.once('end', next))
  })
  app.post('/uploads', auditRoute({}), (_request, response) => {
    audit.record({ action: 'file.kept' })
    response.end()
  })
  await using rig = await listen(app)
  await fetch(`${rig.url}/uploads`, { method: 'POST', headers: { 'x-user': 'u_1' }, body: 'a' })
  const events = await eventsOf(audit, 2)
  expect(events.map(({ action, actor }) => [action, actor?.id])).toEqual([
    ['file.kept', 'u_1'],
    ['uploads.create', 'u_1'],
  ])
})

test('HEAD, an answer that is ended twice, and an upgrade that nobody takes are one event each', async () => {
  await using audit = open('odd-endings')
  const app = express()
  app.use(auditTrail(audit))
  app.get('/items/:id', (_request, response) => {
    response.end('a')
    response.end()
  })
  const upgrade = 'connection: upgrade\r\nupgrade: websocket\r\n'
  await sendBytes(app, 'HEAD /items/1 HTTP/1.1\r\nhost: a\r\n\r\n')
  await sendBytes(app, `GET /nowhere HTTP/1.1\r\nhost: a\r\n${upgrade}\r\n`)
  const events = await eventsOf(audit, 2)
  expect(events.map(({ action, context }) => [action, context?.method])).toEqual([
    ['items.read', 'HEAD'],
    ['http.read', 'GET'],
  ])
})

/** A log that takes requests, and never answers. */
async function startSilence() {
  const silence = createServer(() => undefined).listen(0, '127.0.0.1')
  await once(silence, 'listening')
  const { port } = silence.address() as AddressInfo // not a pipe
  const url = `http://127.0.0.1:${port}`
  const audit = createClient({ url, drainOnSigterm: false, closeTimeoutMs: 1, onDropped: () => 1 })
  return {
    audit,
    async [Symbol.asyncDispose]() {
      await audit.close()
      silence.close()
    },
  }
}

test('where the log is silent, a required action is refused in time, and is not done', async () => {
  await using silence = await startSilence()
  const app = express()
  const onFault = vi.fn()
  app.use(auditTrail(silence.audit, { required: true, requiredTimeoutMs: 100, onFault }))
  const act = vi.fn()
  app.use(act)
  await using rig = await listen(app)
  const answer = await fetch(rig.url)
  expect([answer.status, await answer.json()]).toMatchObject([503, { code: 'audit-unavailable' }])
  expect([act, onFault].map(({ mock }) => mock.calls.length)).toEqual([0, 1])
})

test('an application that answers while the log is silent has answered, and nothing breaks', async () => {
  await using silence = await startSilence()
  const onFault = vi.fn()
  const app = express()
  app.use((_request, response, next) => {
    next()
    response.status(504).end('out of time')
  })
  app.use(auditTrail(silence.audit, { required: true, requiredTimeoutMs: 100, onFault }))
  const act = vi.fn()
  app.use(act)
  await using rig = await listen(app)
  const answer = await fetch(rig.url)
  expect([answer.status, await answer.text()]).toEqual([504, 'out of time'])
  await expect.poll(() => onFault.mock.calls.length).toBe(1)
  expect(act).not.toHaveBeenCalled()
  expect(silence.audit.stats().pending).toBe(1)
})
