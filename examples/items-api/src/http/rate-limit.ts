import rateLimit from '@fastify/rate-limit'
import { Refusal } from '../refusal.ts'
import type { App } from './fastify.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Refused before anybody looked at it. */
    isTurnedAway: boolean
  }
}

/** Requests that one address may send in a minute. */
export interface RateLimits {
  readonly requestsPerMinute: number
  /** Log-ins, and as many sign-ups: each costs us a password hash, and an attacker a guess. */
  readonly loginsPerMinute: number
}

/** Before the routes. What is over the limit is answered 429, with Retry-After. */
export async function registerRateLimit(app: App, limits: RateLimits): Promise<void> {
  app.decorateRequest('isTurnedAway', false)
  await app.register(rateLimit, {
    max: limits.requestsPerMinute,
    timeWindow: '1 minute',
    errorResponseBuilder(request, { after }) {
      request.isTurnedAway = true
      return new Refusal('rate-exceeded', `Too many requests: try again in ${after}.`)
    },
  })
}
