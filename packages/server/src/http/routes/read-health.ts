import { Type } from 'typebox'
import type { App } from '../app.ts'
import { document } from '../documented.ts'

/** What /readyz tells of the service. */
export interface Readiness {
  readonly isReady: boolean
  readonly detail: Readonly<Record<string, unknown>>
}

const Status = Type.Object({ status: Type.String() }, { additionalProperties: true })
const healthSchema = document(
  { tags: ['service'], summary: 'Liveness', authenticated: false },
  { 200: Status },
  [],
)
const readySchema = document(
  {
    tags: ['service'],
    summary: 'Readiness',
    description:
      'Whether appends and searches are answered, for a balancer; with the figures behind it. ' +
      'A service that was asked to stop says 503 first, and goes on answering for a while.',
    authenticated: false,
  },
  { 200: Status, 503: Status },
  [],
)

/** `GET /healthz` and `GET /readyz` */
export function registerReadHealth(
  app: App,
  options: { readonly readReadiness: () => Readiness },
): void {
  app.get('/healthz', { schema: healthSchema }, async () => ({ status: 'ok' }))
  app.get('/readyz', { schema: readySchema }, async (_, reply) => {
    const { isReady, detail } = options.readReadiness()
    return reply
      .code(isReady ? 200 : 503)
      .send({ status: isReady ? 'ready' : 'not ready', ...detail })
  })
}
