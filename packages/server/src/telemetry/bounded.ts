/** What is asked for again and again within this time is answered once. */
const freshMs = 1_000
/** A scrape waits no longer than this for a store that is held up. */
const waitMsUsual = 1_000

/**
 * Figures that cost a look at the store: one look at a time, and whoever asks is answered within a
 * second with what is known by then. A store that is held up or out of reach delays no scrape.
 * @returns undefined for as long as no look has ever succeeded
 */
export function createBounded<T>(options: {
  readonly look: () => Promise<T>
  /** Milliseconds that never go backwards. */
  readonly now: () => number
  readonly waitMsMax?: number
}): () => Promise<T | undefined> {
  const { look, now, waitMsMax = waitMsUsual } = options
  let known: T | undefined
  let knownAt = Number.NEGATIVE_INFINITY
  let underWay: Promise<void> | undefined
  const renew = (): Promise<void> =>
    look()
      .then((figures) => {
        known = figures
        knownAt = now()
      })
      // That the store is out of reach is told elsewhere; the figures stay what they were.
      .catch(() => undefined)
      .finally(() => {
        underWay = undefined
      })
  return async () => {
    if (now() - knownAt < freshMs) return known
    underWay ??= renew()
    const patience = Promise.withResolvers<void>()
    const timer = setTimeout(patience.resolve, waitMsMax)
    await Promise.race([underWay, patience.promise])
    clearTimeout(timer)
    return known
  }
}
