// A bare route, as its framework comes, with a trail or without; in a process of its own.
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { type Client, createClient } from '@indelible/client'
import { auditTrail as expressTrail } from '@indelible/client/express'
import { auditTrail as fastifyTrail } from '@indelible/client/fastify'
import { auditTrail as honoTrail } from '@indelible/client/hono'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'

const { BENCH_FRAMEWORK, BENCH_TRAIL, BENCH_AUDIT_PORT, BENCH_SPOOL, INDELIBLE_ROOT_KEY } =
  process.env
const actor = () => ({ id: 'u_1' })

const audit =
  BENCH_TRAIL === 'none'
    ? undefined
    : createClient({
        url: `http://127.0.0.1:${BENCH_AUDIT_PORT}`,
        key: INDELIBLE_ROOT_KEY ?? '',
        source: 'bench',
        // A round records faster than a service on the same two cores takes in.
        queueEventsMax: 1_000_000,
        queueBytesMax: 1024 ** 3,
        spoolBytesMax: 1024 ** 3,
        ...(BENCH_TRAIL === 'spool' ? { spool: BENCH_SPOOL ?? '' } : {}),
      })

const start: Readonly<Record<string, (audit: Client | undefined) => Promise<Server>>> = {
  async express(audit) {
    const app = express()
    if (audit !== undefined) app.use(expressTrail(audit, { actor }))
    app.get('/items/:id', (request, response) => void response.json({ id: request.params.id }))
    return createServer(app).listen(0, '127.0.0.1')
  },
  async fastify(audit) {
    const app = fastify()
    if (audit !== undefined) app.register(fastifyTrail(audit, { actor }))
    app.get('/items/:id', async (request) => request.params)
    await app.listen({ host: '127.0.0.1', port: 0 })
    return app.server
  },
  async hono(audit) {
    const app = new Hono()
    if (audit !== undefined) app.use(honoTrail(audit, { actor }))
    app.get('/items/:id', (context) => context.json({ id: context.req.param('id') }))
    const server = createAdaptorServer({ fetch: app.fetch }) as Server // of node:http by default
    return server.listen(0, '127.0.0.1')
  },
}

const server = await start[BENCH_FRAMEWORK ?? '']?.(audit)
if (server === undefined) throw new Error(`BENCH_FRAMEWORK is "${BENCH_FRAMEWORK}".`)
if (!server.listening) await once(server, 'listening')
const { port } = server.address() as AddressInfo // listening on TCP
process.stdout.write(`${JSON.stringify({ port })}\n`)
process.once('SIGTERM', () => {
  void Promise.resolve(audit?.close()).then(() => process.exit(0))
})
