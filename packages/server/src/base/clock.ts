/** In milliseconds, of the wall (Unix time) unless it says otherwise; injected, so that tests can turn it. */
export type Clock = () => number

export const systemClock: Clock = () => Date.now()

/**
 * Milliseconds that go on evenly, whoever sets the wall clock: for how long something takes, and when
 * it is due. By the wall clock, stepped back an hour, it would be due an hour late.
 */
export const steadyClock: Clock = () => performance.now()

/** Unix milliseconds → RFC 3339 in UTC with milliseconds. */
export const formatTime = (unixMs: number): string => new Date(unixMs).toISOString()

/** The same, remembering the last instant: what comes in one millisecond is formatted once. */
export function createTimeFormatter(): (unixMs: number) => string {
  let last = { unixMs: 0, text: formatTime(0) }
  return (unixMs) => {
    if (last.unixMs !== unixMs) last = { unixMs, text: formatTime(unixMs) }
    return last.text
  }
}
