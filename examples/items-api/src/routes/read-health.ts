import { Type } from '@fastify/type-provider-typebox'
import type { Client } from '@indelible/client'
import type { App } from '../http/fastify.ts'

const health = Type.Object(
  {
    status: Type.Literal('ok'),
    audit: Type.Object({
      pending: Type.Integer({ description: 'Events on their way to the audit log.' }),
      rejected: Type.Integer({ description: 'Events it refused: somebody should look.' }),
    }),
  },
  { description: 'It is up.' },
)

/** The application is fine while the audit log is away; it says what waits. */
export function registerReadHealth(app: App, { audit }: { readonly audit: Client }): void {
  app.get(
    '/healthz',
    {
      schema: {
        operationId: 'readHealth',
        summary: 'Say whether the service is up',
        tags: ['health'],
        response: { 200: health },
      },
      config: { rateLimit: false },
    },
    async () => {
      const { pending, rejected } = audit.stats()
      return { status: 'ok' as const, audit: { pending, rejected } }
    },
  )
}
