import { limits } from '@indelible/protocol'
import { KeyInfo, Scope } from '@indelible/protocol/schema'
import { Type } from 'typebox'
import type { Keys } from '../../admin/keys.ts'
import type { App } from '../app.ts'
import { type Authenticator, callerOf } from '../authenticate.ts'
import { document } from '../documented.ts'

const schema = {
  ...document(
    {
      tags: ['administration'],
      summary: 'Make an API key',
      description: 'Nobody grants more than they hold. The key is shown this once, kept hashed.',
    },
    { 201: Type.Object({ ...KeyInfo.properties, key: Type.String() }) },
    ['request-invalid', 'pushback'],
  ),
  body: Type.Object(
    {
      name: Type.String({ minLength: 1, maxLength: limits.displayNameCharsMax }),
      scopes: Type.Array(Scope, { minItems: 1, maxItems: 16 }),
      tenants: Type.Array(Type.String(), {
        minItems: 1,
        maxItems: limits.grantTenantsMax,
        description: 'Names, or `*` for all but `_system`, which must be named.',
      }),
      expires: Type.Optional(Type.String({ description: 'RFC 3339. Default: never.' })),
      rate: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: limits.keyRateMax,
          description: 'Requests a second. Default: no bound.',
        }),
      ),
    },
    { additionalProperties: false },
  ),
}

export function registerCreateKey(
  app: App,
  options: { readonly authenticator: Authenticator; readonly keys: Keys },
): void {
  const { authenticator, keys } = options
  const route = { schema, bodyLimit: limits.adminBodyBytesMax, onRequest: authenticator.hook }
  app.post('/v1/keys', route, async (request, reply) =>
    reply.code(201).send(await keys.create(callerOf(request), request.body)),
  )
}
