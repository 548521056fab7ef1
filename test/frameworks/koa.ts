import { Readable } from 'node:stream'
import type { Client } from '@indelible/client'
import { auditRoute, auditTrail } from '@indelible/client/koa'
import Router from '@koa/router'
import Koa, { type Context } from 'koa'
import { listen } from './express.ts'
import type { RigHooks, StartRig } from './rig.ts'
import { viewItem } from './rig.ts'

export const startKoa: StartRig = (audit, hooks) => {
  const app = new Koa()
  app.silent = true
  app.use(
    auditTrail(audit, {
      // As applications write it: it throws where nobody is logged in.
      actor: ({ state }) => ({ id: state.user.id }),
      payload: true,
      requiredTimeoutMs: hooks.requiredTimeoutMs,
    }),
  )
  app.use(async (context, next) => {
    const user = context.get('x-user')
    if (user !== '') context.state.user = { id: user }
    await next()
  })
  app.use(async (context, next) => {
    if (context.is('json')) Object.assign(context.request, { body: await readJson(context) })
    await next()
  })
  app.use(createRoutes(audit, hooks).routes())
  return listen(app.callback())
}

/** As a body parser does: what the stream's events lead to has no context of its own. */
const readJson = ({ req }: Context): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('error', reject)
    req.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString())))
  })

function createRoutes(audit: Client, hooks: RigHooks): Router {
  const router = new Router()
  router.get('/items/:id', async (context) => {
    const { id = '' } = context.params
    await viewItem(audit, id, Number(context.query.ms ?? 0))
    context.body = { id }
  })
  router.post('/items', (context) => {
    context.status = 201
    context.body = 'body' in context.request ? context.request.body : undefined
  })
  router.get('/throws', () => {
    throw new Error('broken')
  })
  router.get('/invalid', (context) => {
    context.status = 422
    context.body = { error: 'invalid' }
  })
  router.get('/denied', (context) => context.throw(403))
  router.get('/stream', (context) => {
    context.body = Readable.from(['one', 'two', 'three'])
  })
  router.get('/endless', (context) => {
    const stream = new Readable({ read: () => undefined })
    stream.push('on and on')
    context.body = stream
  })
  router.post('/upload', async (context) => {
    let bytes = 0
    for await (const chunk of context.req) bytes += chunk.length
    context.body = { bytes }
  })
  const shops = new Router()
  shops.get('/:shop/orders/:order', (context) => {
    context.body = context.params
  })
  router.use('/shops', shops.routes())
  router.post('/vault', auditRoute({ action: 'vault.opened', required: true }), (context) => {
    hooks.act('vault')
    context.body = { open: true }
  })
  router.get('/quiet', auditRoute({ skip: true }), (context) => {
    context.body = {}
  })
  router.get('/reset/:token', (context) => {
    context.body = {}
  })
  return router
}
