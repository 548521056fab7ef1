import type { Client } from '@indelible/client'
import { auditRoute, auditTrail } from '@indelible/client/koa'
import type Koa from 'koa'

/** Never run. */
export function listen(app: Koa, audit: Client): void {
  app.use(auditTrail(audit, { actor: ({ state }) => state.user, tenant: ({ host }) => host }))
  // @ts-expect-error a client is needed
  app.use(auditTrail({ url: 'http://x' }))
  // @ts-expect-error a typo does not vanish
  app.use(auditTrail(audit, { actors: () => ({ id: 'u_1' }) }))
  // @ts-expect-error an actor has an id
  app.use(auditTrail(audit, { actor: () => ({ name: 'Zoë' }) }))
  // @ts-expect-error a tenant is a name
  app.use(auditTrail(audit, { tenant: ({ length }) => length }))
  app.use(auditRoute({ action: 'invoice.paid', payload: { bytesMax: 1024 } }))
  // @ts-expect-error who acts is the whole application's affair
  app.use(auditRoute({ actor: () => ({ id: 'u_1' }) }))
  // @ts-expect-error a number of characters
  app.use(auditRoute({ payload: { bytesMax: '16 KiB' } }))
}
