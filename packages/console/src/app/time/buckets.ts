import type { HistogramAnswer } from '../api/calls.ts'

export type Interval = 'minute' | 'hour' | 'day' | 'month'

/** Unix milliseconds; `until` excluded. */
export interface Span {
  readonly since: number
  readonly until: number
}

export interface Bucket {
  readonly start: number
  readonly end: number
  readonly count: number
  /** Of `count`, those whose outcome is failure or denied. */
  readonly refused: number
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** Each interval up to the span at which its bars would get too thin; at most 200 of them. */
const widest: readonly (readonly [Interval, number])[] = [
  ['minute', 3 * hourMs],
  ['hour', 8 * dayMs],
  ['day', 190 * dayMs],
]

export function intervalFor({ since, until }: Span): Interval {
  return widest.find(([, most]) => until - since <= most)?.[0] ?? 'month'
}

const stepMs = { minute: 60_000, hour: hourMs, day: dayMs } as const

export function bucketStart(at: number, interval: Interval): number {
  if (interval !== 'month') return Math.floor(at / stepMs[interval]) * stepMs[interval]
  const date = new Date(at)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1)
}

export function bucketEnd(start: number, interval: Interval): number {
  if (interval !== 'month') return start + stepMs[interval]
  const date = new Date(start)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1)
}

/** The span widened to whole buckets: those the index counts exactly. */
export const alignSpan = ({ since, until }: Span, interval: Interval): Span => ({
  since: bucketStart(since, interval),
  until: bucketEnd(bucketStart(Math.max(since, until - 1), interval), interval),
})

export function readBuckets({ buckets, interval }: HistogramAnswer): Bucket[] {
  const unit = interval as Interval // one of the words we asked with
  return buckets.map(({ time, count, values }) => {
    const start = Date.parse(time)
    const refused = (values?.failure ?? 0) + (values?.denied ?? 0)
    return { start, end: bucketEnd(start, unit), count, refused }
  })
}

/** From the first bucket that holds something to the last; undefined if none does. */
export function occupiedSpan(buckets: readonly Bucket[]): Span | undefined {
  const occupied = buckets.filter(({ count }) => count > 0)
  const [first, last] = [occupied[0], occupied.at(-1)]
  return first === undefined || last === undefined
    ? undefined
    : { since: first.start, until: last.end }
}
