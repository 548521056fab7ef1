import { limits } from '@indelible/protocol'
import { Type } from 'typebox'
import type { OwnPassword } from '../../admin/own-password.ts'
import type { App } from '../app.ts'
import { type Authenticator, callerOf } from '../authenticate.ts'
import { document } from '../documented.ts'

const password = Type.String({ maxLength: limits.passwordBytesMax })
const schema = {
  ...document(
    {
      tags: ['access'],
      summary: 'Change your own password',
      description: 'Ends every session and viewer token of yours, this one included.',
    },
    { 204: Type.Null({ description: 'Log in again with the new password.' }) },
    ['request-invalid', 'rate-exceeded', 'pushback'],
  ),
  body: Type.Object({ current: password, next: password }, { additionalProperties: false }),
}

export function registerChangePassword(
  app: App,
  options: { readonly authenticator: Authenticator; readonly ownPassword: OwnPassword },
): void {
  const { authenticator, ownPassword } = options
  const route = { schema, bodyLimit: limits.adminBodyBytesMax, onRequest: authenticator.hook }
  app.post('/v1/password', route, async (request, reply) => {
    const { current, next } = request.body
    await ownPassword.change(callerOf(request), current, next)
    return reply.code(204).send()
  })
}
