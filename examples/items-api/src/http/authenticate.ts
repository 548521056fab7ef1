import type { FastifyRequest } from 'fastify'
import type { Tokens } from '../accounts/tokens.ts'
import { Refusal } from '../refusal.ts'
import type { User, Users } from '../store/users.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks, once that is proven. */
    user: User | null
  }
}

/**
 * Hooks of routes that are not for everybody: `preParsing`, so that neither a body is read for a
 * stranger, nor tokens are tried faster than the rate limit (`onRequest`) allows.
 */
export interface Guard {
  /** Lets in who has a valid token. */
  requireUser(request: FastifyRequest): Promise<void>
  /** Lets in admins alone. */
  requireAdmin(request: FastifyRequest): Promise<void>
}

/** Who asks, behind a guard. */
export function userOf({ user }: FastifyRequest): User {
  if (user === null) throw new Error('This route has no guard.')
  return user
}

export function createGuard(options: { readonly tokens: Tokens; readonly users: Users }): Guard {
  const { tokens, users } = options

  async function requireUser(request: FastifyRequest): Promise<void> {
    request.user = await authenticate(request.headers.authorization)
  }

  /** The role is that of the database, not of the token: who is no admin any more isn't at once. */
  async function authenticate(header: string | undefined): Promise<User> {
    if (header === undefined) {
      throw new Refusal('credentials-missing', 'Send the token of POST /login as Bearer.')
    }
    const [, token] = /^Bearer +([\w.-]+)$/i.exec(header) ?? []
    const username = token === undefined ? undefined : await tokens.verify(token)
    const user = username === undefined ? undefined : users.find(username)
    if (user === undefined) {
      throw new Refusal('credentials-invalid', 'The token is not valid, or not any more: log in.')
    }
    return user
  }

  return {
    requireUser,
    async requireAdmin(request) {
      await requireUser(request)
      if (request.user?.role !== 'admin') {
        throw new Refusal('permission-missing', 'This is for admins.')
      }
    },
  }
}
