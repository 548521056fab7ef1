import { Type } from '@fastify/type-provider-typebox'
import type { Accounts } from '../accounts/accounts.ts'
import type { Tokens } from '../accounts/tokens.ts'
import { readUsername } from '../accounts/username.ts'
import type { App } from '../http/fastify.ts'
import { problemResponses } from '../http/problems.ts'
import { usernameAlone } from '../trail/trail-options.ts'

const body = Type.Object(
  {
    username: Type.String({ minLength: 1, maxLength: 200, examples: ['ada'] }),
    password: Type.String({ minLength: 1, maxLength: 200, examples: ['correct horse battery'] }),
  },
  { additionalProperties: false },
)

const answer = Type.Object(
  {
    token: Type.String({ description: 'To be sent as Authorization: Bearer.' }),
    expires: Type.String({ format: 'date-time' }),
  },
  { description: 'A token, good for an hour.' },
)

export function registerLogIn(
  app: App,
  options: {
    readonly accounts: Accounts
    readonly tokens: Tokens
    readonly perMinute: number
  },
): void {
  const { accounts, tokens, perMinute } = options
  app.post(
    '/login',
    {
      schema: {
        operationId: 'logIn',
        summary: 'Log in',
        tags: ['accounts'],
        body,
        response: { 200: answer, ...problemResponses(400, 401, 413, 415) },
      },
      config: {
        audit: { ...usernameAlone, action: 'users.login' },
        rateLimit: { max: perMinute },
      },
    },
    async (request, reply) => {
      // Before the password is looked at, so that a failed try has a name on record.
      request.claimed = readUsername(request.body) ?? null
      request.user = await accounts.logIn(request.body)
      const { token, expires } = await tokens.issue(request.user.username)
      reply.header('cache-control', 'no-store')
      return { token, expires: expires.toISOString() }
    },
  )
}
