import { limits } from '@indelible/protocol'
import { type Clock, steadyClock } from '../base/clock.ts'

/** How often ended windows are looked for. */
const flushMs = 10_000

/** Distinct details told of one window; what is beyond is in its count. */
const detailsMax = 20

/** What an entry tells: how often, and of which details how often each. */
export interface Tally {
  readonly count: number
  /** Details of repeats, as `note` was given them; none in the entry of a first act. */
  readonly details: ReadonlyMap<string, number>
}

interface Window<Act> {
  readonly act: Act
  /** Settles with the keeping of the first. */
  readonly first: Promise<void>
  /** When an entry last told of it. */
  since: number
  /** What no entry tells of yet. */
  count: number
  details: Map<string, number>
}

/**
 * Acts that recur (reads, failed log-ins), for `_system`: the first is kept at once, those of each
 * minute after it as one more entry with their count, so that no flood fills the log. What a crash
 * loses is the count of the minute under way, never a first act.
 */
export function createRepeats<Act>(options: {
  /** By a steady clock: a minute is one, whoever sets the clock meanwhile. */
  readonly now?: Clock
  /** Keeps one entry of an act that happened so many times. */
  readonly keep: (act: Act, tally: Tally) => Promise<void>
  readonly onFault: (error: unknown) => void
}) {
  const { now = steadyClock, keep, onFault } = options
  const windows = new Map<string, Window<Act>>()

  const flush = async (endsAll = false): Promise<void> => {
    const endsAt = now()
    for (const [key, window] of windows) {
      const { act, since, count, details } = window
      if (!endsAll && endsAt - since < limits.repeatsWindowMs) continue
      if (count === 0) windows.delete(key)
      else {
        window.since = endsAt
        window.count = 0
        window.details = new Map()
        await keep(act, { count, details }).catch((error: unknown) => {
          window.count += count
          window.details = details
          throw error
        })
      }
    }
  }
  const timer = setInterval(() => flush().catch(onFault), flushMs)
  timer.unref()

  return {
    /** Distinct acts of the last minutes. */
    get size() {
      return windows.size
    },
    has: (key: string): boolean => windows.has(key),
    /**
     * Resolves when the act is on record: of a repeat, when the first is.
     * @param detail what tells this repeat from others of its key
     */
    note(key: string, act: Act, detail?: string): Promise<void> {
      const open = windows.get(key)
      if (open !== undefined) {
        open.count++
        const { details } = open
        if (detail !== undefined && (details.has(detail) || details.size < detailsMax)) {
          details.set(detail, (details.get(detail) ?? 0) + 1)
        }
        return open.first
      }
      const first = keep(act, { count: 1, details: new Map() }).catch((error: unknown) => {
        windows.delete(key)
        throw error
      })
      windows.set(key, { act, first, since: now(), count: 0, details: new Map() })
      return first
    },
    /** Keeps the counts of windows that have ended. */
    flush: () => flush(),
    async [Symbol.asyncDispose](): Promise<void> {
      clearInterval(timer)
      await flush(true).catch(onFault)
    },
  }
}
