import type { Principal } from '../admin/principal.ts'
import type { Clock } from '../base/clock.ts'
import type { Authenticator } from './authenticate.ts'

/** Timers stand still while a machine sleeps, and know nothing of a clock that is set. */
const lookMsMax = 5_000

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
  let timer: NodeJS.Timeout | undefined
  const watch = () => {
    look()
    if (principal.expires === undefined) return
    const msLeft = principal.expires + graceMs - clock()
    timer = setTimeout(watch, msLeft > 0 ? Math.min(msLeft, lookMsMax) : lookMsMax)
  }
  // At once: revoked between its check and the listener above.
  watch()
  return () => {
    unlisten()
    clearTimeout(timer)
  }
}
