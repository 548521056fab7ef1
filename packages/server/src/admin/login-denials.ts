import { limits } from '@indelible/protocol'
import type { Clock } from '../base/clock.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { createRepeats } from '../ledger/repeats.ts'
import { createSystemEvent } from '../ledger/system-event.ts'
import type { RequestContext } from './caller.ts'
import { type Redact, redactRecord } from './redact-record.ts'

export type LoginDenials = ReturnType<typeof createLoginDenials>

/** Failed log-ins in `_system` (`session.denied`), told apart by user and address. */
export function createLoginDenials(options: {
  readonly ledger: Pick<Ledger, 'administer'>
  readonly clock: Clock
  readonly redact?: Redact
  readonly reportFault: (error: unknown) => void
}) {
  const { ledger, clock, redact } = options
  interface Denial {
    readonly username: string
    readonly context: RequestContext
  }
  const repeats = createRepeats<Denial>({
    onFault: options.reportFault,
    async keep({ username, context }, { count }) {
      const event = {
        action: 'session.denied',
        actor: { type: 'user', id: username },
        outcome: 'denied',
        context: { ...context },
        data: { count },
      } as const
      await ledger.administer([], createSystemEvent(redactRecord(event, redact), clock()))
    },
  })

  let noted = 0

  return {
    /** Failed log-ins since the start. */
    get noted() {
      return noted
    },
    [Symbol.asyncDispose]: repeats[Symbol.asyncDispose],
    /**
     * @param username as parsed; undefined for what can't be a user name (it may be a password
     *   typed into the wrong field, so it is not kept)
     */
    note(username = 'unknown', context: RequestContext): Promise<void> {
      noted++
      const key = `${username} ${context.ip}`
      const isToldApart = repeats.has(key) || repeats.size < limits.loginDenialsKeptMax
      return isToldApart
        ? repeats.note(key, { username, context })
        : repeats.note('', { username: 'unknown', context })
    },
  }
}
