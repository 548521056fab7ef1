import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifySchema } from 'fastify'
import type { App } from './app.ts'
import { formatProblemPage, problemPagePolicy } from './problem-page.ts'

const description = `
Indelible keeps what happened, in gapless order, tamper-evidently. Send events with
\`POST /v1/events\`, find them with \`GET /v1/events\`, prove one with
\`GET /v1/events/{id}/receipt\`.

Errors are RFC 9457 problems (\`application/problem+json\`) with a stable \`code\`; their \`type\`
points into [the list of problems](/docs/problems).
`

/**
 * OpenAPI 3.1 at `/openapi.json`, its UI at `/docs`, and at `/docs/problems` what each problem
 * means. Register before the routes it describes.
 */
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
  const problemPage = formatProblemPage()
  app.get('/docs/problems', { schema: { hide: true } }, async (_, reply) =>
    reply
      .header('content-security-policy', problemPagePolicy)
      .type('text/html; charset=utf-8')
      .send(problemPage),
  )
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger())
  app.get('/', { schema: { hide: true } }, async (_, reply) => reply.redirect('/docs'))
}

/** A body that a route parses itself is documented under `x-request-body`. */
function withBody(schema: FastifySchema & { 'x-request-body'?: unknown }): FastifySchema {
  const { 'x-request-body': body, ...rest } = schema ?? {}
  if (body === undefined) return rest
  return { ...rest, body, consumes: ['application/json', 'application/x-ndjson'] } as FastifySchema
}
