/** Between looks at the count, and how far back the rate reaches. */
const sampleMs = 5_000
const windowMs = 60_000

/** Entries a second over the last minute, from a count that only grows. */
export function createIntakeRate(options: {
  readonly readCount: () => number
  /** Milliseconds that never go backwards. */
  readonly now: () => number
}) {
  const { readCount, now } = options
  let samples: readonly { readonly at: number; readonly count: number }[] = []
  const sample = (): void => {
    const at = now()
    samples = [...samples.filter((one) => one.at > at - windowMs), { at, count: readCount() }]
  }
  sample()
  const timer = setInterval(sample, sampleMs)
  timer.unref()
  return {
    sample,
    read(): number {
      const [oldest] = samples
      const passedMs = oldest === undefined ? 0 : now() - oldest.at
      if (oldest === undefined || passedMs < 1_000) return 0
      return ((readCount() - oldest.count) * 1_000) / passedMs
    },
    [Symbol.dispose]: () => clearInterval(timer),
  }
}
