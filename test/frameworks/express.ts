import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Client } from '@indelible/client'
import { auditRoute, auditTrail } from '@indelible/client/express'
import express5, {
  type Express as App,
  type NextFunction,
  type Request,
  type Response,
} from 'express'
// @ts-expect-error version 4 under another name has no declarations; its surface here is that of 5
import express4 from 'express4'
import { type Rig, type RigHooks, type StartRig, viewItem } from './rig.ts'

declare global {
  namespace Express {
    interface Request {
      user?: { id: string }
    }
  }
}

/** Serves on a free port, and cuts what is still open at the end. */
export async function listen(listener: RequestListener): Promise<Rig> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // not a pipe
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const startWith =
  (express: typeof express5): StartRig =>
  (audit, hooks) => {
    const app: App = express()
    app.use(
      auditTrail(audit, {
        // As applications write it: it throws where nobody is logged in.
        actor: (request) => ({ id: (request.user as { id: string }).id }),
        payload: true,
        requiredTimeoutMs: hooks.requiredTimeoutMs,
      }),
    )
    app.use((request, _response, next) => {
      const user = request.header('x-user')
      if (user !== undefined) request.user = { id: user }
      next()
    })
    addRoutes(app, express, audit, hooks)
    return listen(app)
  }

function addRoutes(app: App, express: typeof express5, audit: Client, hooks: RigHooks): void {
  app.use(express.json())
  app.get('/items/:id', (request, response, next) => {
    viewItem(audit, request.params.id, Number(request.query.ms ?? 0)).then(
      () => response.json({ id: request.params.id }),
      next,
    )
  })
  app.post('/items', (request, response) => void response.status(201).json(request.body))
  app.get('/throws', () => {
    throw new Error('broken')
  })
  app.get('/invalid', (_request, response) => void response.status(422).json({ error: 'invalid' }))
  app.get('/denied', (_request, response) => void response.sendStatus(403))
  app.get('/stream', async (_request, response) => {
    for (const chunk of ['one', 'two', 'three']) {
      response.write(chunk)
      await new Promise((resolve) => setImmediate(resolve))
    }
    response.end()
  })
  app.get('/endless', (_request, response) => void response.write('on and on'))
  app.post('/upload', (request, response) => {
    let bytes = 0
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    request.on('end', () => response.json({ bytes }))
  })
  const shops = express.Router()
  shops.get('/:shop/orders/:order', (request, response) => void response.json(request.params))
  app.use('/shops', shops)
  app.post('/vault', auditRoute({ action: 'vault.opened', required: true }), (_, response) => {
    hooks.act('vault')
    response.json({ open: true })
  })
  app.get('/quiet', auditRoute({ skip: true }), (_, response) => void response.json({}))
  app.get('/reset/:token', (_, response) => void response.json({}))
  app.use((error: Error, _: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) return next(error)
    response.status(500).json({ error: error.message })
  })
}

export const startExpress5 = startWith(express5)
export const startExpress4 = startWith(express4)
