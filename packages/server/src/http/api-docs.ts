import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifySchema } from 'fastify'
import type { App } from './app.ts'

const description = `
Indelible keeps what happened, in gapless order, tamper-evidently. Send events with
\`POST /v1/events\`, find them with \`GET /v1/events\`, prove one with
\`GET /v1/events/{id}/receipt\`.

Errors are RFC 9457 problems (\`application/problem+json\`) with a stable \`code\`.
`

/** OpenAPI 3.1 at `/openapi.json` and its UI at `/docs`. Register before the routes it describes. */
export async function registerApiDocs(
  app: App,
  options: { readonly version: string },
): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Indelible', version: options.version, description },
      components: {
        securitySchemes: {
          bearer: {
            type: 'http',
            scheme: 'bearer',
            description: 'API key, session or viewer token.',
          },
        },
      },
      tags: [
        { name: 'events', description: 'Append, search, follow, export.' },
        { name: 'proof', description: 'Logs, checkpoints, tiles, proofs, receipts.' },
        { name: 'access', description: 'Log-in and tokens.' },
        { name: 'administration', description: 'Keys, users, tenants.' },
        { name: 'service', description: 'Health and metrics.' },
      ],
    },
    transform: ({ schema, url }) => ({ schema: withBody(schema), url }),
  })
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: true })
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger())
  app.get('/', { schema: { hide: true } }, async (_, reply) => reply.redirect('/docs'))
}

/** A body that a route parses itself is documented under `x-request-body`. */
function withBody(schema: FastifySchema & { 'x-request-body'?: unknown }): FastifySchema {
  const { 'x-request-body': body, ...rest } = schema ?? {}
  if (body === undefined) return rest
  return { ...rest, body, consumes: ['application/json', 'application/x-ndjson'] } as FastifySchema
}
