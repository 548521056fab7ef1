import { limits } from '@indelible/protocol'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Sessions } from '../../admin/sessions.ts'
import { Refusal } from '../../base/refusal.ts'
import type { App } from '../app.ts'
import { type Authenticator, contextOf } from '../authenticate.ts'
import { document } from '../documented.ts'
import { assertOwnPage, setSessionCookie } from '../session-cookie.ts'

const schema = {
  ...document(
    {
      tags: ['access'],
      summary: 'Log in',
      description:
        'A session: a token for programs and the command line, or a cookie for the console. An ' +
        'unknown user and a wrong password get the same answer; failures are limited by user and ' +
        'by address.',
      authenticated: false,
    },
    {
      200: Type.Object(
        {
          token: Type.Optional(Type.String({ description: 'Left out where it is in the cookie.' })),
          expires: Type.String({ description: 'RFC 3339.' }),
        },
        { description: 'Send the token as `Authorization: Bearer`.' },
      ),
    },
    ['request-invalid', 'credentials-invalid', 'forgery-suspected', 'rate-exceeded', 'pushback'],
  ),
  body: Type.Object(
    {
      username: Type.String({ minLength: 1, maxLength: 200 }),
      password: Type.String({ minLength: 1, maxLength: limits.passwordBytesMax }),
      cookie: Type.Optional(
        Type.Boolean({
          description: 'Answer with an HttpOnly cookie instead of a token; for the console.',
        }),
      ),
    },
    { additionalProperties: false },
  ),
}

export function registerLogIn(
  app: App,
  options: { readonly sessions: Sessions; readonly authenticator: Authenticator },
): void {
  app.post('/v1/login', { schema, bodyLimit: limits.loginBodyBytesMax }, async (request, reply) => {
    const { username, password, cookie = false } = request.body
    // Another site's page must not sign anybody in, either: as whom, they would not notice.
    if (cookie) assertOwnPage(request)
    const former = cookie ? await findSession(request, options.authenticator) : undefined
    const session = await options.sessions.logIn(username, password, contextOf(request), former)
    if (!cookie) return session
    setSessionCookie(request, reply, session.token)
    return { expires: session.expires }
  })
}

/** The session that the browser is in: its cookie is about to be replaced, and nobody would end it. */
async function findSession(
  request: FastifyRequest,
  authenticator: Authenticator,
): Promise<string | undefined> {
  try {
    return (await authenticator.authenticate(request)).session
  } catch (error) {
    if (error instanceof Refusal) return undefined
    throw error
  }
}
