import { dayFact, hourFact, monthFact } from './facts.ts'

export type Interval = 'minute' | 'hour' | 'day' | 'month'

const intervalMs = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const

/** Unix milliseconds of the start of the UTC bucket that holds an instant. */
export function bucketStart(at: number, interval: Interval): number {
  if (interval !== 'month') return at - modulo(at, intervalMs[interval])
  const date = new Date(at)
  date.setUTCDate(1)
  return date.setUTCHours(0, 0, 0, 0)
}

/** Start of the bucket after the one that starts at `start`. */
export function nextBucket(start: number, interval: Interval): number {
  if (interval !== 'month') return start + intervalMs[interval]
  const date = new Date(start)
  return date.setUTCMonth(date.getUTCMonth() + 1)
}

/** The fact that entries of a bucket carry; there is none for minutes. */
export function bucketFact(start: number, interval: 'hour' | 'day' | 'month'): string {
  const time = new Date(start).toISOString()
  return { hour: hourFact, day: dayFact, month: monthFact }[interval](time)
}

/**
 * The fewest whole hours, days and months that cover `since` <= time < `until`, as facts; undefined
 * if they are more than `most`. Hours at the edges may reach beyond: hits are rechecked.
 */
export function coverTime(since: number, until: number, most: number): string[] | undefined {
  const facts: string[] = []
  for (let at = bucketStart(since, 'hour'); at < until; ) {
    if (facts.length === most) return undefined
    const interval = widestAt(at, until)
    facts.push(bucketFact(at, interval))
    at = nextBucket(at, interval)
  }
  return facts
}

function widestAt(at: number, until: number): 'hour' | 'day' | 'month' {
  const fits = (interval: 'day' | 'month') =>
    bucketStart(at, interval) === at && nextBucket(at, interval) <= until
  return fits('month') ? 'month' : fits('day') ? 'day' : 'hour'
}

const modulo = (value: number, by: number): number => ((value % by) + by) % by
