import { Type } from 'typebox'
import type { Users } from '../../admin/users.ts'
import type { App } from '../app.ts'
import { type Authenticator, callerOf } from '../authenticate.ts'
import { document } from '../documented.ts'

const schema = {
  ...document(
    {
      tags: ['administration'],
      summary: 'Remove a user',
      description:
        'Ends their sessions and viewer tokens; keys they made stay. The last administrator of ' +
        'every tenant stays too.',
    },
    { 204: Type.Null({ description: 'The user is removed.' }) },
    ['resource-unknown', 'resource-conflict', 'pushback'],
  ),
  params: Type.Object({ username: Type.String() }),
}

export function registerRemoveUser(
  app: App,
  options: { readonly authenticator: Authenticator; readonly users: Users },
): void {
  const { authenticator, users } = options
  const route = { schema, onRequest: authenticator.hook }
  app.delete('/v1/users/:username', route, async (request, reply) => {
    await users.remove(callerOf(request), request.params.username)
    return reply.code(204).send()
  })
}
