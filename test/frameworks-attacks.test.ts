import { once } from 'node:events'
import { connect } from 'node:net'
import { type Client, createClient } from '@indelible/client'
import { auditTrail } from '@indelible/client/express'
import { startTestServer, testRootKey } from '@indelible/testkit'
import express, { type Express } from 'express'
import { afterAll, expect, test } from 'vitest'
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
