import { limits } from '@indelible/protocol'
import type { Clock } from '../base/clock.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { createSystemEvent } from '../ledger/system-event.ts'
import type { RequestContext } from './caller.ts'
import { type Redact, redactRecord } from './redact-record.ts'

/** One minute: what `_system` collapses repeated reads to, too. */
const windowMs = limits.readAuditWindowMs

export type LoginDenials = ReturnType<typeof createLoginDenials>

/**
 * Failed log-ins in `_system` (`session.denied`): the first of a user and address at once, those of
 * the following minute as one more entry with their count. A flood can't fill the log.
 */
export function createLoginDenials(options: {
  readonly ledger: Pick<Ledger, 'administer'>
  readonly clock: Clock
  readonly redact?: Redact
}) {
  const { ledger, clock, redact } = options
  interface Window {
    readonly username: string
    readonly context: RequestContext
    since: number
    /** Denials not yet recorded. */
    count: number
  }
  const windows = new Map<string, Window>()

  async function record(window: Window, count: number): Promise<void> {
    const event = {
      action: 'session.denied',
      actor: { type: 'user', id: window.username },
      outcome: 'denied',
      context: { ...window.context },
      data: { count },
    } as const
    await ledger.administer([], createSystemEvent(redactRecord(event, redact), clock()))
  }

  return {
    /**
     * @param username as parsed; undefined for what can't be a user name (it may be a password
     *   typed into the wrong field, so it is not kept)
     */
    async note(username: string | undefined, context: RequestContext): Promise<void> {
      const full = windows.size >= limits.loginDenialsKeptMax
      const named = username === undefined ? 'unknown' : username
      const key = `${named} ${context.ip}`
      const open = windows.get(key) ?? (full ? windows.get('') : undefined)
      if (open !== undefined) {
        open.count += 1
        return
      }
      const window = { username: full ? 'unknown' : named, context, since: clock(), count: 0 }
      windows.set(full ? '' : key, window)
      await record(window, 1).catch((error: unknown) => {
        windows.delete(full ? '' : key)
        throw error
      })
    },
    /**
     * Records what has been counted in windows that have ended; all of them with `final`. To be
     * called a few times a minute. What a crash loses is a count, never a first denial.
     */
    async flush(final = false): Promise<void> {
      const now = clock()
      for (const [key, window] of windows) {
        if (!final && now - window.since < windowMs) continue
        if (window.count === 0) {
          windows.delete(key)
          continue
        }
        const { count } = window
        window.count = 0
        window.since = now
        await record(window, count).catch((error: unknown) => {
          window.count += count
          throw error
        })
      }
    },
  }
}
