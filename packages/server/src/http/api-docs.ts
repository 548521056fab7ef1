import swagger from '@fastify/swagger'
import type { FastifySchema } from 'fastify'
import type { App } from './app.ts'
import { sendBuiltPage } from './built-files.ts'
import { completeOpenApi } from './openapi.ts'
import { formatPagePolicy } from './page-policy.ts'
import { formatCollection, type OpenApiDocument } from './postman.ts'
import { formatProblemPage, problemPagePolicy } from './problem-page.ts'

const description = `
Indelible keeps what happened, in gapless order, tamper-evidently. Send events with
\`POST /v1/events\`, find them with \`GET /v1/events\`, prove one with
\`GET /v1/events/{id}/receipt\`.

Errors are RFC 9457 problems (\`application/problem+json\`) with a stable \`code\`; their \`type\`
points into [the list of problems](/docs/problems). What holds everywhere — paging, idempotency, limits — is on
[a page of the documents](/docs/guide/reference/api).
`

const pageHeaders = {
  // Swagger UI styles its elements inline.
  'content-security-policy': formatPagePolicy({ styles: "'unsafe-inline'" }),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

/**
 * OpenAPI 3.1 at `/openapi.json`, its page at `/docs`, and at `/docs/problems` what each problem
 * means. Register before the routes it describes.
 * @param options.folder what `npm run console` makes
 */
export async function registerApiDocs(
  app: App,
  options: { readonly version: string; readonly folder: string },
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
  const hidden = { schema: { hide: true } }
  const page = { folder: options.folder, path: 'api.html', headers: pageHeaders }
  app.get('/docs', hidden, (request, reply) => sendBuiltPage(request, reply, page))
  const problemPage = formatProblemPage()
  app.get('/docs/problems', hidden, async (_, reply) =>
    reply
      .header('content-security-policy', problemPagePolicy)
      .type('text/html; charset=utf-8')
      .send(problemPage),
  )
  app.get('/openapi.json', hidden, async () => app.swagger())
  app.get('/docs/postman.json', hidden, async ({ protocol, host }) =>
    // The document that the generator made of our own routes.
    formatCollection(app.swagger() as OpenApiDocument, `${protocol}://${host}`),
  )
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
