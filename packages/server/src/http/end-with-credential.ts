import type { Principal } from '../admin/principal.ts'
import type { Clock } from '../base/clock.ts'
import type { Authenticator } from './authenticate.ts'

/**
 * Ends what is served for longer than a request takes, once its credential is revoked, has another
 * grant, or has been over for `graceMs`.
 * @param end may be called before this returns, and more than once
 * @returns what is to be called when there is nothing left to end
 */
export function endWithCredential(
  principal: Principal,
  options: {
    readonly authenticator: Pick<Authenticator, 'isLive' | 'onRevoked'>
    readonly clock: Clock
    readonly graceMs: number
    readonly end: () => void
  },
): () => void {
  const { authenticator, clock, graceMs, end } = options
  const look = () => {
    if (!authenticator.isLive(principal, clock() - graceMs)) end()
  }
  const unlisten = authenticator.onRevoked(look)
  // Revoked between its check and the line above.
  look()
  const { expires } = principal
  // setTimeout counts to 2^31 - 1 ms; a longer-lived credential is asked again then.
  const timer =
    expires === undefined
      ? undefined
      : setTimeout(end, Math.min(Math.max(0, expires + graceMs - clock()), 2_147_483_647))
  return () => {
    unlisten()
    clearTimeout(timer)
  }
}
