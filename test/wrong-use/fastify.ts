import type { Client } from '@indelible/client'
import { auditTrail } from '@indelible/client/fastify'
import type { FastifyInstance } from 'fastify'

/** Never run. */
export function listen(app: FastifyInstance, audit: Client): void {
  app.register(auditTrail(audit, { actor: ({ id }) => ({ id }), payload: true, trustedHops: 1 }))
  // @ts-expect-error a client is needed
  app.register(auditTrail({ url: 'http://x' }))
  // @ts-expect-error a typo does not vanish
  app.register(auditTrail(audit, { actors: () => ({ id: 'u_1' }) }))
  // @ts-expect-error an actor has an id
  app.register(auditTrail(audit, { actor: () => ({ name: 'Zoë' }) }))
  // @ts-expect-error the request is Fastify's, which knows of no such member
  app.register(auditTrail(audit, { actor: (request) => ({ id: request.subject.id }) }))
  // @ts-expect-error it is what Express calls it
  app.register(auditTrail(audit, { requestId: (request) => request.get('x-id') }))
  const pay = async () => 'paid'
  app.post('/pay', { config: { audit: { action: 'invoice.paid', required: true } } }, pay)
  // @ts-expect-error a text or a function
  app.post('/pay', { config: { audit: { action: ['invoice', 'paid'] } } }, pay)
  // @ts-expect-error data is an object
  app.post('/pay', { config: { audit: { data: () => 'paid' } } }, pay)
}
