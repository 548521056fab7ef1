import type { Client } from '@indelible/client'
import { auditRoute, auditTrail } from '@indelible/client/nest'
import type { INestApplication } from '@nestjs/common'

/** Never run. */
export function listen(app: INestApplication, audit: Client): void {
  app.use(auditTrail(audit, { actor: (request) => ({ id: request.header('x-user') ?? '' }) }))
  // @ts-expect-error a client is needed
  app.use(auditTrail({ url: 'http://x' }))
  // @ts-expect-error a typo does not vanish
  app.use(auditTrail(audit, { actors: () => ({ id: 'u_1' }) }))
  // @ts-expect-error the request is Express's, which knows of no such member
  app.use(auditTrail(audit, { actor: (request) => ({ id: request.subject.id }) }))
}

class Payments {
  pay(): void {}
}
auditRoute({ action: 'payment.made', required: true })(Payments)
// @ts-expect-error who acts is the whole application's affair
auditRoute({ actor: () => ({ id: 'u_1' }) })(Payments)
// @ts-expect-error it decorates no value
auditRoute({ action: 'payment.made' })(42)
