import type { Client } from '@indelible/client'
import { auditRoute, auditTrail } from '@indelible/client/hono'
import type { Hono } from 'hono'

/** Never run. */
export function listen(app: Hono, audit: Client): void {
  app.use(auditTrail(audit, { actor: (context) => ({ id: context.req.header('x-user') ?? '' }) }))
  // @ts-expect-error a client is needed
  app.use(auditTrail({ url: 'http://x' }))
  // @ts-expect-error a typo does not vanish
  app.use(auditTrail(audit, { actors: () => ({ id: 'u_1' }) }))
  // @ts-expect-error an actor has an id
  app.use(auditTrail(audit, { actor: () => ({ name: 'Zoë' }) }))
  // @ts-expect-error it is given Hono's context, which has the request
  app.use(auditTrail(audit, { actor: ({ header }) => ({ id: header('x-user') }) }))
  // @ts-expect-error an answer to come is none
  app.use(auditTrail(audit, { skip: async () => true }))
  app.post('/pay', auditRoute({ action: 'invoice.paid', targets: () => [{ id: '42' }] }))
  // @ts-expect-error who acts is the whole application's affair
  app.post('/pay', auditRoute({ actor: () => ({ id: 'u_1' }) }))
  // @ts-expect-error a target has an id
  app.post('/pay', auditRoute({ targets: () => [{ type: 'invoice' }] }))
}
