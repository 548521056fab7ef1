/** Entries read at a time while following. */
const batchEntries = 200

export interface FollowedBatch {
  readonly lines: readonly { readonly index: number; readonly json: string }[]
  /** Every entry below it was delivered or filtered out: where to resume. */
  readonly next: number
}

/**
 * A log from an index on, for as long as the signal lasts: backfill, cutover and live are one
 * loop that reads what is there and then waits for growth, so nothing can fall between them.
 */
export async function* followLog(options: {
  readonly tenant: string
  /** First index to deliver. */
  readonly from: number
  readonly signal: AbortSignal
  /** Reads what the log holds from an index on, filtered; answers at once. */
  readonly read: (call: { tenant: string; from: number; limit: number }) => Promise<FollowedBatch>
  /** Calls back whenever the log grew. @returns a function that ends it */
  readonly onGrowth: (listener: () => void) => () => void
}): AsyncGenerator<FollowedBatch, void, undefined> {
  const { tenant, signal, read, onGrowth } = options
  let next = options.from
  let grown = Promise.withResolvers<void>()
  const stop = onGrowth(() => grown.resolve())
  const abort = () => grown.resolve()
  signal.addEventListener('abort', abort)
  try {
    while (!signal.aborted) {
      // Renewed before reading: growth during the read is then seen by the next wait.
      grown = Promise.withResolvers()
      const batch = await read({ tenant, from: next, limit: batchEntries })
      const hasMore = batch.next > next
      next = batch.next
      if (hasMore) yield batch
      else if (!signal.aborted) await grown.promise
    }
  } finally {
    stop()
    signal.removeEventListener('abort', abort)
  }
}
