import { limits } from '@indelible/protocol'
import { Refusal } from '../base/refusal.ts'

/** How long an append waits for the index before its caller is told to come back. */
const waitMsMax = 10_000

/**
 * How far the index is behind the log. A search scans what is not indexed yet, so the tail is
 * bounded: intake waits for the indexer rather than let it grow.
 */
export function createIndexLag(options: { readonly entriesMax?: number } = {}) {
  const { entriesMax = limits.indexTailEntriesMax } = options
  let entries = 0
  let waiting: (() => void)[] = []
  return {
    get entries() {
      return entries
    },
    appended(count: number): void {
      entries += count
    },
    indexed(count: number): void {
      // The indexer can tell of entries before the writer's answer counted them.
      entries -= count
      if (entries > entriesMax) return
      const woken = waiting
      waiting = []
      for (const wake of woken) wake()
    },
    /** @throws Refusal `pushback` when the index does not catch up in time */
    async waitUntilShort(): Promise<void> {
      if (entries <= entriesMax) return
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
