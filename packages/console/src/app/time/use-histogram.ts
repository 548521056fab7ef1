import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { countEvents, type Filters } from '../api/calls.ts'
import {
  alignSpan,
  type Bucket,
  bucketStart,
  type Interval,
  intervalFor,
  occupiedSpan,
  readBuckets,
  type Span,
} from './buckets.ts'
import { resolveInstant } from './range.ts'

export interface Counts {
  readonly buckets: readonly Bucket[]
  readonly complete: boolean
}

const instantOf = (at: number): string => new Date(at).toISOString()

/** Counts over the range; over all time, over the span that holds anything. */
export function useHistogram(
  filters: Filters,
  options: {
    readonly refetchMs: number | false
    readonly enabled: boolean
  },
) {
  return useQuery({
    queryKey: ['histogram', filters],
    queryFn: ({ signal }) => readCounts(filters, signal),
    placeholderData: keepPreviousData,
    enabled: options.enabled,
    refetchInterval: options.refetchMs,
  })
}

async function readCounts(filters: Filters, signal: AbortSignal): Promise<Counts> {
  const now = Date.now()
  const { since: sinceText, until: untilText } = filters
  const since = sinceText === undefined ? undefined : resolveInstant(sinceText, now)
  const until = untilText === undefined ? now : resolveInstant(untilText, now)
  const count = async (span: Span | undefined, interval: Interval) => {
    const bounds =
      span === undefined
        ? { since: sinceText, until: untilText }
        : { since: instantOf(span.since), until: instantOf(span.until) }
    const answer = await countEvents({ ...filters, ...bounds, interval }, signal)
    return { buckets: readBuckets(answer), complete: answer.complete }
  }
  if (since !== undefined && until !== undefined && since < until) {
    const interval = intervalFor({ since, until })
    return count(alignSpan({ since, until }, interval), interval)
  }
  return zoomIn(count)
}

/** By months at first, then ever finer over what is occupied: where that is, nobody has said. */
async function zoomIn(
  count: (span: Span | undefined, interval: Interval) => Promise<Counts>,
): Promise<Counts> {
  let interval: Interval = 'month'
  let counts = await count(undefined, interval)
  for (;;) {
    const occupied = occupiedSpan(counts.buckets)
    if (occupied === undefined) return counts
    const finer: Interval = intervalFor(occupied)
    if (finer === interval) return trim(counts, occupied)
    // A whole step at once can miss that less is occupied: a month may hold one hour only.
    interval = interval === 'month' ? 'day' : finer
    counts = await count({ ...occupied, since: bucketStart(occupied.since, interval) }, interval)
  }
}

const trim = ({ buckets, complete }: Counts, { since, until }: Span): Counts => ({
  buckets: buckets.filter(({ start, end }) => start >= since && end <= until),
  complete,
})
