import type { Client } from '@indelible/client'
import { auditRoute, auditTrail } from '@indelible/client/express'
import type { Express } from 'express'

/** As applications have them: no index signature, a number for an id, nulls. */
interface Account {
  id: number
  name: string | null
  email: string
}

/** Never run. */
export function listen(app: Express, audit: Client): void {
  app.use(
    auditTrail(audit, {
      actor: (request) => ({ id: request.header('x-user') ?? 'nobody' }),
      action: (request, { method, endpoint = '/' }) => `${request.protocol}.${method}${endpoint}`,
      payload: { redact: ['iban'], bytesMax: 1024 },
      required: ({ method }) => method === 'DELETE',
    }),
  )
  const accounts: readonly Account[] = []
  app.use(auditTrail(audit, { actor: () => accounts[0], targets: () => accounts }))
  app.use(auditTrail(audit, { actor: () => accounts[0] ?? null, tenant: () => null }))
  app.use(auditTrail(audit, { actor: () => ({ id: 7, email: 'zoe@example.com' }) }))
  app.use(auditTrail(audit, { data: (): Account | undefined => accounts[0] }))
  // @ts-expect-error a client is needed
  app.use(auditTrail({ url: 'http://x' }))
  // @ts-expect-error a typo does not vanish
  app.use(auditTrail(audit, { actors: () => ({ id: 'u_1' }) }))
  // @ts-expect-error an actor has an id
  app.use(auditTrail(audit, { actor: () => ({ name: 'Zoë' }) }))
  // @ts-expect-error the request is Express's, which knows of no such member
  app.use(auditTrail(audit, { actor: (request) => ({ id: request.subject.id }) }))
  // @ts-expect-error the answer is needed at once
  app.use(auditTrail(audit, { actor: async () => ({ id: 'u_1' }) }))
  // @ts-expect-error and so is this one
  app.use(auditTrail(audit, { data: async () => ({ a: 1 }) }))
  // @ts-expect-error a route may have none
  app.use(auditTrail(audit, { action: (_, route) => route.endpoint.slice(1) }))
  // @ts-expect-error names of members are a list
  app.use(auditTrail(audit, { payload: { redact: 'iban' } }))
  // @ts-expect-error a number of proxies
  app.use(auditTrail(audit, { trustedHops: '1' }))
  app.post('/pay', auditRoute({ action: 'invoice.paid', required: true, skip: false }))
  // @ts-expect-error who acts is the whole application's affair
  app.post('/pay', auditRoute({ actor: () => ({ id: 'u_1' }) }))
  // @ts-expect-error on what is a list
  app.post('/pay', auditRoute({ targets: ({ params }) => ({ type: 'invoice', id: params.id }) }))
  // @ts-expect-error a text or a function
  app.post('/pay', auditRoute({ action: ['invoice', 'paid'] }))
}
