import { Type } from 'typebox'
import type { Sessions } from '../../admin/sessions.ts'
import type { App } from '../app.ts'
import { type Authenticator, callerOf } from '../authenticate.ts'
import { document } from '../documented.ts'
import { clearSessionCookie } from '../session-cookie.ts'

const schema = document(
  { tags: ['access'], summary: 'Log out', description: 'Ends the session it is sent with.' },
  { 204: Type.Null({ description: 'The session is over.' }) },
  ['request-invalid'],
)

export function registerLogOut(
  app: App,
  options: { readonly authenticator: Authenticator; readonly sessions: Sessions },
): void {
  const { authenticator, sessions } = options
  app.post('/v1/logout', { schema, onRequest: authenticator.hook }, async (request, reply) => {
    await sessions.logOut(callerOf(request))
    clearSessionCookie(request, reply)
    return reply.code(204).send()
  })
}
