import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { App } from './fastify.ts'

/** Of a route's schema: what is behind "Authorize". */
export const bearer = [{ bearer: [] }]

/** OpenAPI at `/docs/json`, its page at `/docs`. Before the routes. */
export async function registerApiDocs(app: App): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Items',
        version: '0.1.0',
        description:
          'Items whose every write is on record. Log in (POST /login), put the token into ' +
          '"Authorize", and try.',
      },
      tags: [
        { name: 'accounts', description: 'Signing up and logging in.' },
        { name: 'items', description: 'For everybody with an account.' },
        { name: 'audit', description: 'For admins.' },
        { name: 'health', description: 'For whatever watches the service.' },
      ],
      components: {
        securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      },
    },
    // "Problem" in the document, not "def-0".
    refResolver: { buildLocalReference: (json, _base, _fragment, n) => String(json.$id ?? n) },
  })
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: { persistAuthorization: true },
    staticCSP: true,
    // Over plain HTTP, from another machine, it would send all requests to a port that speaks no TLS.
    transformStaticCSP: (policy) => policy.replace('upgrade-insecure-requests;', ''),
  })
}
