import { Type } from '@fastify/type-provider-typebox'
import type { Accounts } from '../accounts/accounts.ts'
import { usernamePattern } from '../accounts/username.ts'
import type { App } from '../http/fastify.ts'
import { problemResponses } from '../http/problems.ts'
import { targetMade, usernameAlone } from '../trail/trail-options.ts'

const body = Type.Object(
  {
    username: Type.String({ pattern: usernamePattern.source, examples: ['ada'] }),
    password: Type.String({ minLength: 8, maxLength: 200, examples: ['correct horse battery'] }),
  },
  { additionalProperties: false },
)

const user = Type.Object(
  {
    username: Type.String(),
    role: Type.String({ description: 'user or admin' }),
    created: Type.String({ format: 'date-time' }),
  },
  { description: 'The new user.' },
)

/** Signing up. That a name is taken can't be hidden here; logging in doesn't tell. */
export function registerCreateUser(
  app: App,
  options: { readonly accounts: Accounts; readonly perMinute: number },
): void {
  const { accounts, perMinute } = options
  app.post(
    '/users',
    {
      schema: {
        operationId: 'createUser',
        summary: 'Sign up',
        tags: ['accounts'],
        body,
        response: { 201: user, ...problemResponses(400, 409, 413, 415) },
      },
      config: { audit: { ...usernameAlone, ...targetMade }, rateLimit: { max: perMinute } },
    },
    async (request, reply) => {
      request.user = await accounts.signUp(request.body)
      request.made = { type: 'users', id: request.user.username }
      return reply.code(201).send(request.user)
    },
  )
}
