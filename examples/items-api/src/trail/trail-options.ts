import type { Actor, Target } from '@indelible/client'
import type { TrailOptions } from '@indelible/client/fastify'
import type { FastifyRequest } from 'fastify'
import { readUsername } from '../accounts/username.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who a log-in says to be, proven or not. */
    claimed: string | null
    /** What a route made. */
    made: Target | null
  }
}

const reads: readonly string[] = ['GET', 'HEAD', 'OPTIONS']

/** What is on record: every write, by whom, with what; not what was only looked at, nor turned away. */
export const trailOptions: TrailOptions<FastifyRequest> = {
  actor: findActor,
  payload: true,
  skip: ({ method, isTurnedAway }) => isTurnedAway || reads.includes(method),
}

/** Of routes that make something: their paths have no id of it yet. */
export const targetMade = {
  targets: ({ made }: FastifyRequest) => (made === null ? [] : [made]),
}

/**
 * Of log-ins and sign-ups: of a body with a password in it the name alone. A password in a member that
 * is misspelt would not be known for one.
 */
export const usernameAlone = {
  payload: false,
  data: ({ body }: FastifyRequest) => ({ payload: { username: readUsername(body) } }),
}

function findActor({ user, claimed }: FastifyRequest): Actor | undefined {
  if (user !== null) return { type: 'user', id: user.username }
  // Whoever tried: not a user, since nothing is proven, but found by the same name.
  return claimed === null ? undefined : { type: 'unverified', id: claimed }
}
