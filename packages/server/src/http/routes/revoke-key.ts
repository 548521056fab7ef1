import { Type } from 'typebox'
import type { Keys } from '../../admin/keys.ts'
import type { App } from '../app.ts'
import { type Authenticator, callerOf } from '../authenticate.ts'
import { document } from '../documented.ts'

const schema = {
  ...document(
    {
      tags: ['administration'],
      summary: 'Revoke an API key',
      description: 'The next request with it is refused; viewer tokens made with it die too.',
    },
    { 204: Type.Null({ description: 'It is revoked.' }) },
    ['resource-unknown', 'pushback'],
  ),
  params: Type.Object({ id: Type.String() }),
}

export function registerRevokeKey(
  app: App,
  options: { readonly authenticator: Authenticator; readonly keys: Keys },
): void {
  const { authenticator, keys } = options
  app.delete('/v1/keys/:id', { schema, onRequest: authenticator.hook }, async (request, reply) => {
    await keys.revoke(callerOf(request), request.params.id)
    return reply.code(204).send()
  })
}
