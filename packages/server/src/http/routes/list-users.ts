import { UserInfo } from '@indelible/protocol/schema'
import { Type } from 'typebox'
import type { Users } from '../../admin/users.ts'
import type { App } from '../app.ts'
import { type Authenticator, callerOf } from '../authenticate.ts'
import { document } from '../documented.ts'

const list = document(
  {
    tags: ['administration'],
    summary: 'List users',
    description: 'Those whose whole grant lies within your own, by name.',
  },
  { 200: Type.Object({ users: Type.Array(UserInfo) }) },
  [],
)

const read = {
  ...document({ tags: ['administration'], summary: 'Read a user' }, { 200: UserInfo }, [
    'resource-unknown',
  ]),
  params: Type.Object({ username: Type.String() }),
}

export function registerListUsers(
  app: App,
  options: { readonly authenticator: Authenticator; readonly users: Users },
): void {
  const { authenticator, users } = options
  app.get('/v1/users', { schema: list, onRequest: authenticator.hook }, async (request) => ({
    users: users.list(callerOf(request)),
  }))
  const route = { schema: read, onRequest: authenticator.hook }
  app.get('/v1/users/:username', route, async (request) =>
    users.read(callerOf(request), request.params.username),
  )
}
