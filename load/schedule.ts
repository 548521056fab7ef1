export type Arrival = 'poisson' | 'constant'

/** When each request is due, in ms since the beginning; undefined after the last. */
export type Schedule = () => number | undefined

/**
 * Fixed before the first answer comes: requests arrive as the world sends them, whether the service
 * is quick or not. `constant` at equal distances, `poisson` as from many callers who don't know of
 * each other.
 */
export function createSchedule(options: {
  readonly perSecond: number
  readonly durationMs: number
  readonly arrival: Arrival
  readonly random: () => number
}): Schedule {
  const { perSecond, durationMs, arrival, random } = options
  const meanMs = 1_000 / perSecond
  let due = 0
  return () => {
    if (due >= durationMs) return undefined
    const now = due
    due += arrival === 'constant' ? meanMs : -Math.log(1 - random()) * meanMs
    return now
  }
}
