import { limits } from '@indelible/protocol'
import { Refusal } from '../base/refusal.ts'

/** How long an append waits for the index before its caller is told to come back. */
const waitMsMax = 10_000
/** Entries that came this close together are told as one: it bounds what is remembered. */
const momentMs = 100

/**
 * How far the index is behind the log. A search scans what is not indexed yet, so the tail is
 * bounded: intake waits for the indexer rather than let it grow.
 */
export function createIndexLag(
  options: {
    readonly entriesMax?: number
    /** Milliseconds that never go backwards. */
    readonly now?: () => number
  } = {},
) {
  const { entriesMax = limits.indexTailEntriesMax, now = () => performance.now() } = options
  /** All that was ever appended, and indexed. */
  let appendedInAll = 0
  let indexedInAll = 0
  /** When which entries came, oldest first; those of a moment share one. Dropped when indexed. */
  let arrivals: { readonly at: number; until: number }[] = []
  let waiting: (() => void)[] = []
  const isTooLong = () => appendedInAll - indexedInAll > entriesMax
  return {
    get entries() {
      return appendedInAll - indexedInAll
    },
    /** Since the oldest entry that is not indexed yet came, milliseconds; 0 where all are. */
    get ageMs(): number {
      const oldest = arrivals.find(({ until }) => until > indexedInAll)
      return oldest === undefined ? 0 : Math.round(now() - oldest.at)
    },
    appended(count: number): void {
      appendedInAll += count
      const last = arrivals.at(-1)
      const at = now()
      if (last !== undefined && at - last.at < momentMs) last.until = appendedInAll
      else if (count > 0) arrivals.push({ at, until: appendedInAll })
    },
    indexed(count: number): void {
      // The indexer can tell of entries before the writer's answer counted them.
      indexedInAll += count
      arrivals = arrivals.filter(({ until }) => until > indexedInAll)
      if (isTooLong()) return
      const woken = waiting
      waiting = []
      for (const wake of woken) wake()
    },
    /** @throws Refusal `pushback` when the index does not catch up in time */
    async waitUntilShort(): Promise<void> {
      if (!isTooLong()) return
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const timer = setTimeout(() => {
        const detail = 'The index is catching up. Send this again in a while.'
        reject(new Refusal('pushback', { detail, retryAfterS: 5 }))
      }, waitMsMax)
      waiting.push(resolve)
      await promise.finally(() => clearTimeout(timer))
    },
  }
}
