import { limits } from '@indelible/protocol'
import { Type } from 'typebox'
import type { Sessions } from '../../admin/sessions.ts'
import type { App } from '../app.ts'
import { contextOf } from '../authenticate.ts'
import { document } from '../documented.ts'

const schema = {
  ...document(
    {
      tags: ['access'],
      summary: 'Log in',
      description:
        'A session for programs and the command line. An unknown user and a wrong password get ' +
        'the same answer; failures are limited by user and by address.',
      authenticated: false,
    },
    {
      200: Type.Object(
        { token: Type.String(), expires: Type.String({ description: 'RFC 3339.' }) },
        { description: 'Send the token as `Authorization: Bearer`.' },
      ),
    },
    ['request-invalid', 'credentials-invalid', 'rate-exceeded', 'pushback'],
  ),
  body: Type.Object(
    {
      username: Type.String({ minLength: 1, maxLength: 200 }),
      password: Type.String({ minLength: 1, maxLength: limits.passwordBytesMax }),
    },
    { additionalProperties: false },
  ),
}

export function registerLogIn(app: App, options: { readonly sessions: Sessions }): void {
  app.post('/v1/login', { schema, bodyLimit: limits.adminBodyBytesMax }, (request) => {
    const { username, password } = request.body
    return options.sessions.logIn(username, password, contextOf(request))
  })
}
