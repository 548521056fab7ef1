import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'

/** Counts what was consumed under a key in a fixed window. */
export interface Limiter {
  /** Rejects with what `readRetryAfter` understands where the points are used up. */
  consume(key: string): Promise<unknown>
  /** Gives a point back. */
  reward(key: string): Promise<unknown>
  /** Starts the key afresh. */
  delete(key: string): Promise<unknown>
}

export type CreateLimiter = (options: {
  /** Tells its keys from those of other limiters. */
  readonly name: string
  readonly points: number
  readonly windowS: number
}) => Limiter

/** A limiter of this process alone. */
export const createMemoryLimiter: CreateLimiter = ({ name, points, windowS }) =>
  new RateLimiterMemory({ keyPrefix: name, points, duration: windowS })

/** Seconds until a limiter's next window, at least 1. @throws what is no refusal of a limiter */
export function readRetryAfter(reason: unknown): number {
  if (!(reason instanceof RateLimiterRes)) throw reason
  return Math.max(1, Math.ceil(reason.msBeforeNext / 1_000))
}
