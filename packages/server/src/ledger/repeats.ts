import { limits } from '@indelible/protocol'
import type { Clock } from '../base/clock.ts'

/** How often ended windows are looked for. */
const flushMs = 10_000

interface Window<Act> {
  readonly act: Act
  /** Settles with the keeping of the first. */
  readonly first: Promise<void>
  /** When an entry last told of it. */
  since: number
  /** What no entry tells of yet. */
  count: number
}

/**
 * Acts that recur (reads, failed log-ins), for `_system`: the first is kept at once, those of each
 * minute after it as one more entry with their count, so that no flood fills the log. What a crash
 * loses is the count of the minute under way, never a first act.
 */
export function createRepeats<Act>(options: {
  readonly clock: Clock
  /** Keeps one entry of an act that happened `count` times. */
  readonly keep: (act: Act, count: number) => Promise<void>
  readonly onFault: (error: unknown) => void
}) {
  const { clock, keep, onFault } = options
  const windows = new Map<string, Window<Act>>()

  const flush = async (endsAll = false): Promise<void> => {
    const now = clock()
    for (const [key, window] of windows) {
      const { act, since, count } = window
      if (!endsAll && now - since < limits.repeatsWindowMs) continue
      if (count === 0) windows.delete(key)
      else {
        window.since = now
        window.count = 0
        await keep(act, count).catch((error: unknown) => {
          window.count += count
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
    /** Resolves when the act is on record: of a repeat, when the first is. */
    note(key: string, act: Act): Promise<void> {
      const open = windows.get(key)
      if (open !== undefined) {
        open.count++
        return open.first
      }
      const first = keep(act, 1).catch((error: unknown) => {
        windows.delete(key)
        throw error
      })
      windows.set(key, { act, first, since: clock(), count: 0 })
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
