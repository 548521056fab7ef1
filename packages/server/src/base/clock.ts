/** Wall clock in Unix milliseconds; injected everywhere so that tests can turn it. */
export type Clock = () => number

export const systemClock: Clock = () => Date.now()

/** Unix milliseconds → RFC 3339 in UTC with milliseconds. */
export const formatTime = (unixMs: number): string => new Date(unixMs).toISOString()
