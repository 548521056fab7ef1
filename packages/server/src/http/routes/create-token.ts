import { limits } from '@indelible/protocol'
import { TenantName, ViewerToken } from '@indelible/protocol/schema'
import { Type } from 'typebox'
import type { ViewerTokens } from '../../admin/viewer-tokens.ts'
import type { App } from '../app.ts'
import { type Authenticator, callerOf } from '../authenticate.ts'
import { document } from '../documented.ts'

const schema = {
  ...document(
    {
      tags: ['access'],
      summary: 'Make a viewer token',
      description:
        'For showing one tenant, or what a query finds in it, to somebody for a while. It dies ' +
        'with the credential it was made with.',
    },
    { 201: ViewerToken },
    ['request-invalid', 'query-invalid', 'pushback'],
  ),
  body: Type.Object(
    {
      tenant: Type.Optional(TenantName),
      filter: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: limits.queryCharsMax,
          description: 'A query of the search grammar; every read is narrowed by it.',
        }),
      ),
      expires: Type.Optional(Type.String({ description: 'RFC 3339.' })),
      ttl: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: limits.viewerTokenMsMax / 1_000,
          description: 'Seconds, instead of `expires`. Default: an hour.',
        }),
      ),
      name: Type.Optional(Type.String({ minLength: 1, maxLength: limits.displayNameCharsMax })),
      export: Type.Optional(
        Type.Boolean({ description: 'Exports too, where the issuer may. Default: false.' }),
      ),
    },
    { additionalProperties: false },
  ),
}

export function registerCreateToken(
  app: App,
  options: { readonly authenticator: Authenticator; readonly viewerTokens: ViewerTokens },
): void {
  const { authenticator, viewerTokens } = options
  const route = { schema, bodyLimit: limits.adminBodyBytesMax, onRequest: authenticator.hook }
  app.post('/v1/tokens', route, async (request, reply) =>
    reply.code(201).send(await viewerTokens.create(callerOf(request), request.body)),
  )
}
