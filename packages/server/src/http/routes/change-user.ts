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
      summary: 'Change a user',
      description:
        'What is left out stays. Another password, or disabling, ends the user’s sessions and ' +
        'viewer tokens. The last administrator of every tenant stays one.',
    },
    { 200: UserInfo },
    ['request-invalid', 'resource-unknown', 'resource-conflict', 'pushback'],
  ),
  params: Type.Object({ username: Type.String() }),
  body: Type.Object(
    {
      role: Type.Optional(Role),
      tenants: Type.Optional(
        Type.Array(Type.String(), { minItems: 1, maxItems: limits.grantTenantsMax }),
      ),
      password: Type.Optional(Type.String({ maxLength: limits.passwordBytesMax })),
      disabled: Type.Optional(Type.Boolean()),
    },
    { additionalProperties: false },
  ),
}

export function registerChangeUser(
  app: App,
  options: { readonly authenticator: Authenticator; readonly users: Users },
): void {
  const { authenticator, users } = options
  const route = { schema, bodyLimit: limits.adminBodyBytesMax, onRequest: authenticator.hook }
  app.patch('/v1/users/:username', route, async (request) =>
    users.change(callerOf(request), request.params.username, request.body),
  )
}
