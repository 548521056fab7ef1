import { Readable } from 'node:stream'
import type { Client } from '@indelible/client'
import { auditTrail } from '@indelible/client/fastify'
import fastify, { type FastifyInstance } from 'fastify'
import { type RigHooks, type StartRig, viewItem } from './rig.ts'

declare module 'fastify' {
  interface FastifyRequest {
    caller?: { id: string }
  }
}

export const startFastify: StartRig = async (audit, hooks) => {
  const app = fastify({ forceCloseConnections: true })
  app.register(
    auditTrail(audit, {
      // As applications write it: it throws where nobody is logged in.
      actor: (request) => ({ id: (request.caller as { id: string }).id }),
      payload: true,
      requiredTimeoutMs: hooks.requiredTimeoutMs,
    }),
  )
  app.addHook('preHandler', async (request) => {
    const { 'x-user': user } = request.headers
    if (typeof user === 'string') request.caller = { id: user }
  })
  // Declared at once, as most applications do, before the plugins above are loaded.
  addRoutes(app, audit)
  app.register(async (child) => addVault(child, hooks))
  app.register(
    async (shops) => {
      shops.get('/:shop/orders/:order', async (request) => request.params)
    },
    { prefix: '/shops' },
  )
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return {
    url,
    [Symbol.asyncDispose]: () => app.close(),
  }
}

function addRoutes(app: FastifyInstance, audit: Client): void {
  app.addContentTypeParser('application/octet-stream', (_request, payload, done) => {
    done(null, payload)
  })
  app.get<{ Params: { id: string }; Querystring: { ms?: string } }>(
    '/items/:id',
    async ({ params, query }) => {
      await viewItem(audit, params.id, Number(query.ms ?? 0))
      return { id: params.id }
    },
  )
  app.post('/items', (request, reply) => reply.code(201).send(request.body))
  app.get('/throws', async () => {
    throw new Error('broken')
  })
  app.get('/invalid', (_request, reply) => reply.code(422).send({ error: 'invalid' }))
  app.get('/denied', (_request, reply) => reply.code(403).send())
  app.get('/stream', (_request, reply) => reply.send(Readable.from(['one', 'two', 'three'])))
  app.get('/endless', (_request, reply) => {
    const endless = new Readable({ read: () => undefined })
    endless.push('on and on')
    return reply.send(endless)
  })
  app.post('/upload', async ({ body }) => {
    let bytes = 0
    for await (const chunk of body as Readable) bytes += chunk.length // as its parser left it
    return { bytes }
  })
  app.get('/quiet', { config: { audit: { skip: true } } }, async () => ({}))
  app.get('/reset/:token', async () => ({}))
}

function addVault(app: FastifyInstance, hooks: RigHooks): void {
  const config = { audit: { action: 'vault.opened', required: true } }
  app.post('/vault', { config }, async () => {
    hooks.act('vault')
    return { open: true }
  })
}
