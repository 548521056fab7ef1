import { ServiceFigures } from '@indelible/protocol/schema'
import { assertCovers, assertScope } from '../../admin/principal.ts'
import type { App } from '../app.ts'
import { type Authenticator, principalOf } from '../authenticate.ts'
import { document } from '../documented.ts'

const schema = document(
  {
    tags: ['service'],
    summary: 'Tell how the service is, in figures',
    description:
      'Needs the scope `admin` for `*`. Some are of the process that answers: what it appended, ' +
      'its queue and its memory. `/metrics` has them for programs.',
  },
  { 200: ServiceFigures },
  ['store-unavailable'],
)

/** `GET /v1/service` */
export function registerReadService(
  app: App,
  options: {
    readonly authenticator: Authenticator
    readonly readService: () => Promise<ServiceFigures>
  },
): void {
  const { authenticator, readService } = options
  app.get('/v1/service', { schema, onRequest: authenticator.hook }, (request) => {
    const principal = principalOf(request)
    assertScope(principal, 'admin')
    assertCovers(principal, '*')
    return readService()
  })
}
