import { once } from 'node:events'
import { connect } from 'node:net'
import { limits } from '@indelible/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import type { Principal } from '../admin/principal.ts'
import { createApp } from './app.ts'
import { sendDownload } from './download.ts'
import type { ReadParts } from './read-parts.ts'
import { registerStreamEvents } from './routes/stream-events.ts'

const principal: Principal = {
  ...{ kind: 'key', id: 'k', name: 'k', scopes: ['read', 'export'], tenants: ['acme'] },
}
const pageBytes = 1_000_000

/** An application that makes what is asked for only when whoever asked has gone, where they say so. */
async function listen() {
  const logger = pino({ level: 'silent' })
  const app = createApp({ logger, bounds: { unreadBytesMax: 4 * pageBytes } })
  let [waiting, followers] = [0, 0]
  const untilLeft = async ({ raw }: FastifyReply) => {
    if (raw.req.headers['x-leaves'] === undefined) return
    waiting++
    await once(raw, 'close')
    waiting--
  }
  const hook = async (request: FastifyRequest) => {
    request.principal = principal
  }
  const authenticator = { hook, isLive: () => true, onRevoked: () => () => undefined }
  app.get('/page', { onRequest: hook }, async (_, reply) => {
    await untilLeft(reply)
    return 'x'.repeat(pageBytes)
  })
  app.get('/file', { onRequest: hook }, async (_, reply) => {
    await untilLeft(reply)
    const file = { name: 'file', ending: 'ndjson', clock: Date.now, authenticator } as const
    return sendDownload(reply, onePage(), file)
  })
  const replies = new Map<string, FastifyReply>()
  app.addHook('preHandler', async ({ id }, reply) => void replies.set(id, reply))
  const parts = {
    ...{ authenticator, clock: Date.now },
    reader: { follow: async ({ from }: { from: number }) => ({ lines: [], next: from }) },
    readAudit: {
      record: async ({ context }: { context: { request: string } }) => {
        const reply = replies.get(context.request)
        if (reply !== undefined) await untilLeft(reply)
      },
    },
    ledger: {
      describeLog: async () => undefined,
      onGrowth: () => {
        followers++
        return () => void followers--
      },
    },
  }
  // As far as a stream uses them.
  registerStreamEvents(app, parts as unknown as ReadParts)
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  return {
    url,
    waiting: () => waiting,
    followers: () => followers,
    [Symbol.asyncDispose]: () => app.close(),
  }
}

async function* onePage() {
  yield 'line\n'
}

test.each([
  ['a large answer', '/page', 1],
  ['a download', '/file', limits.exportsMax / 4],
  ['a live stream', '/v1/stream?tenant=acme', limits.streamsMax / 4],
])(
  '%s whose reader left before it was begun holds nothing of its caller’s share (D-08)',
  async (_, path, share) => {
    await using server = await listen()
    const { hostname, port } = new URL(server.url)
    const socket = connect({ host: hostname, port: Number(port) })
    socket.on('error', () => undefined)
    socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nX-Leaves: 1\r\n\r\n`.repeat(share))
    await expect.poll(server.waiting).toBe(share)
    socket.resetAndDestroy()
    await expect.poll(server.waiting).toBe(0)
    const controller = new AbortController()
    const { status } = await fetch(`${server.url}${path}`, { signal: controller.signal })
    controller.abort()
    expect(status).toBe(200)
    await expect.poll(server.followers).toBe(0)
  },
)
