import { isIPv6 } from 'node:net'
import { limits } from '@indelible/protocol'
import { type CreateLimiter, createMemoryLimiter, readRetryAfter } from '../base/limiter.ts'
import { Refusal } from '../base/refusal.ts'

/**
 * What one attacker controls of the address space: an IPv4 address, or the /64 of an IPv6 one.
 * IPv4 in IPv6 clothes (`::ffff:192.0.2.1`) is IPv4.
 */
export function findAddressBlock(address: string): string {
  const plain = address.toLowerCase().split('%')[0] ?? ''
  if (!isIPv6(plain)) return plain
  if (plain.startsWith('::ffff:') && plain.includes('.')) return plain.slice('::ffff:'.length)
  const [left = '', right] = plain.split('::')
  const start = left === '' ? [] : left.split(':')
  const end = right === undefined || right === '' ? [] : right.split(':')
  const gap = right === undefined ? [] : Array(Math.max(0, 8 - start.length - end.length)).fill('0')
  const groups = [...start, ...gap, ...end].slice(0, 4)
  return `${groups.map((group) => group.replace(/^0+(?=.)/, '')).join(':')}::/64`
}

export type LoginLimits = ReturnType<typeof createLoginLimits>

/**
 * Failed log-ins of one user name and of one address block, in a fixed window. An attempt is
 * charged before the password is checked, so that many at once don't slip through, and given back
 * when it succeeds. Nobody is locked out for good, and a user is not locked out by strangers from
 * where they are logged in already: that place has a count of its own.
 */
export function createLoginLimits(createLimiter: CreateLimiter = createMemoryLimiter) {
  const windowS = limits.loginWindowS
  const perName = createLimiter({ name: 'login-name', points: limits.loginFailuresMax, windowS })
  const perAddress = createLimiter({
    name: 'login-address',
    points: limits.loginFailuresPerAddressMax,
    windowS,
  })
  // No user name has a space in it.
  const nameKey = (attempt: Attempt) =>
    attempt.familiar ? `${attempt.username} ${attempt.block}` : attempt.username

  return {
    /** @throws Refusal `rate-exceeded`, the same for known and unknown users */
    async charge(attempt: Attempt): Promise<void> {
      try {
        await perAddress.consume(attempt.block)
        await perName.consume(nameKey(attempt))
      } catch (reason) {
        const retryAfterS = readRetryAfter(reason)
        throw new Refusal('rate-exceeded', {
          detail: 'Too many failed log-ins. Wait, or log in from where you are logged in already.',
          retryAfterS,
        })
      }
    },
    /** The attempt succeeded: the name starts afresh. */
    async clear(attempt: Attempt): Promise<void> {
      await perAddress.reward(attempt.block)
      await perName.delete(nameKey(attempt))
    },
    /** The attempt was not decided (pushback): it does not count. */
    async refund(attempt: Attempt): Promise<void> {
      await perAddress.reward(attempt.block)
      await perName.reward(nameKey(attempt))
    },
  }
}

export interface Attempt {
  readonly username: string
  /** See `findAddressBlock`. */
  readonly block: string
  /** The user has an open session from the same block. */
  readonly familiar: boolean
}
