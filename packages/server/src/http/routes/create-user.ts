import { limits } from '@indelible/protocol'
import { Role, UserInfo } from '@indelible/protocol/schema'
import { Type } from 'typebox'
import type { Users } from '../../admin/users.ts'
import type { App } from '../app.ts'
import { type Authenticator, callerOf } from '../authenticate.ts'
import { document } from '../documented.ts'

const schema = {
  ...document(
    {
      tags: ['administration'],
      summary: 'Make a user',
      description: 'Nobody grants more than they hold.',
    },
    { 201: UserInfo },
    ['request-invalid', 'resource-conflict', 'pushback'],
  ),
  body: Type.Object(
    {
      username: Type.String({ description: '`[a-z0-9][a-z0-9._@-]{0,63}`, in any case.' }),
      role: Role,
      tenants: Type.Array(Type.String(), { minItems: 1, maxItems: limits.grantTenantsMax }),
      password: Type.String({
        maxLength: limits.passwordBytesMax,
        description: `${limits.passwordCharsMin} characters or more, ${limits.passwordBytesMax} bytes or less.`,
      }),
    },
    { additionalProperties: false },
  ),
}

export function registerCreateUser(
  app: App,
  options: { readonly authenticator: Authenticator; readonly users: Users },
): void {
  const { authenticator, users } = options
  const route = { schema, bodyLimit: limits.adminBodyBytesMax, onRequest: authenticator.hook }
  app.post('/v1/users', route, async (request, reply) =>
    reply.code(201).send(await users.create(callerOf(request), request.body)),
  )
}
