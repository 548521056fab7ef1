import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import type { Client } from '@indelible/client'
import { auditRoute, auditTrail } from '@indelible/client/hono'
import { Hono } from 'hono'
import { stream } from 'hono/streaming'
import { type RigHooks, type StartRig, viewItem } from './rig.ts'

interface Env {
  Variables: { user?: { id: string } }
}

export const startHono: StartRig = async (audit, hooks) => {
  const { fetch } = createHonoApplication(audit, hooks)
  const server = createAdaptorServer({ fetch })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // not a pipe
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      if ('closeAllConnections' in server) server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** The same application without a server: what runs at the edge. */
export function createHonoApplication(audit: Client, hooks: RigHooks): Hono<Env> {
  const app = new Hono<Env>()
  app.use(
    auditTrail(audit, {
      // As applications write it: it throws where nobody is logged in.
      actor: (context) => ({ id: context.get('user').id }),
      payload: true,
      requiredTimeoutMs: hooks.requiredTimeoutMs,
    }),
  )
  app.use(async (context, next) => {
    const user = context.req.header('x-user')
    if (user !== undefined) context.set('user', { id: user })
    await next()
  })
  addRoutes(app, audit, hooks)
  app.onError((error, context) => context.json({ error: error.message }, 500))
  return app
}

function addRoutes(app: Hono<Env>, audit: Client, hooks: RigHooks): void {
  app.get('/items/:id', async (context) => {
    const id = context.req.param('id')
    await viewItem(audit, id, Number(context.req.query('ms') ?? 0))
    return context.json({ id })
  })
  app.post('/items', async (context) => context.json(await context.req.json(), 201))
  app.get('/throws', () => {
    throw new Error('broken')
  })
  app.get('/invalid', (context) => context.json({ error: 'invalid' }, 422))
  app.get('/denied', (context) => context.body(null, 403))
  app.get('/stream', (context) =>
    stream(context, async (out) => {
      for (const chunk of ['one', 'two', 'three']) await out.write(chunk)
    }),
  )
  app.get('/endless', (context) =>
    stream(context, async (out) => {
      await out.write('on and on')
      await new Promise<void>((resolve) => out.onAbort(resolve))
    }),
  )
  app.post('/upload', async (context) => {
    let bytes = 0
    for await (const chunk of context.req.raw.body ?? []) bytes += chunk.length
    return context.json({ bytes })
  })
  const shops = new Hono<Env>()
  shops.get('/:shop/orders/:order', (context) => context.json(context.req.param()))
  app.route('/shops', shops)
  app.post('/vault', auditRoute({ action: 'vault.opened', required: true }), (context) => {
    hooks.act('vault')
    return context.json({ open: true })
  })
  app.get('/quiet', auditRoute({ skip: true }), (context) => context.json({}))
  app.get('/reset/:token', (context) => context.json({}))
}
