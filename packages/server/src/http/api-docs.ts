import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifySchema } from 'fastify'
import type { App } from './app.ts'
import { completeOpenApi } from './openapi.ts'
import { formatProblemPage, problemPagePolicy } from './problem-page.ts'

/** Our name in the bar of /docs, where the plug-in has its own. */
const logo = Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg" width="140" height="36"><text x="0" y="26" ' +
    'fill="#fff" font-family="sans-serif" font-size="24" font-weight="700">Indelible</text></svg>',
)

const description = `
Indelible keeps what happened, in gapless order, tamper-evidently. Send events with
\`POST /v1/events\`, find them with \`GET /v1/events\`, prove one with
\`GET /v1/events/{id}/receipt\`.

Errors are RFC 9457 problems (\`application/problem+json\`) with a stable \`code\`; their \`type\`
points into [the list of problems](/docs/problems).
`

/** Scripts of our own only; the UI styles its elements inline. */
const uiPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

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
          cookie: {
            type: 'apiKey',
            in: 'cookie',
            name: '__Host-indelible',
            description:
              'The console’s session; `indelible` without TLS. What changes something also needs ' +
              '`Indelible-Console: 1` and a page of the same origin.',
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
    transform: ({ schema, url }) => ({ schema: describeOpenParts(schema), url }),
    // The document's type is a union over all versions of OpenAPI; we make 3.1.
    transformObject: (made) =>
      completeOpenApi(('openapiObject' in made ? made.openapiObject : {}) as object),
  })
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: uiPolicy,
    // It would send our document to a validator on the Internet.
    uiConfig: { validatorUrl: null },
    theme: { title: 'Indelible API' },
    logo: { type: 'image/svg+xml', content: logo, href: '/docs' },
  })
  const problemPage = formatProblemPage()
  app.get('/docs/problems', { schema: { hide: true } }, async (_, reply) =>
    reply
      .header('content-security-policy', problemPagePolicy)
      .type('text/html; charset=utf-8')
      .send(problemPage),
  )
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger())
}

/** A body that a route parses itself is documented under `x-request-body`. */
function describeOpenParts(schema: FastifySchema & { 'x-request-body'?: unknown }): FastifySchema {
  const { 'x-request-body': body, ...rest } = schema ?? {}
  const { querystring } = rest as { querystring?: { additionalProperties?: boolean } } // TypeBox's
  const isOpen = querystring?.additionalProperties === true
  const described = isOpen ? { ...rest, 'x-field-parameters': true } : rest
  if (body === undefined) return described
  const consumes = ['application/json', 'application/x-ndjson']
  return { ...described, body, consumes } as FastifySchema
}
