import { limits } from '@indelible/protocol'
import { formatTime } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import type { ReadStore } from '../store/store.ts'
import { bucketFact, bucketStart, type Interval, nextBucket } from './buckets.ts'
import { outcomes, overflowFact, timeOf, valueFact } from './facts.ts'
import { shortForms } from './fields.ts'
import type { MergeOptions } from './merge.ts'
import { planTerms } from './plan.ts'
import type { Query } from './query.ts'
import { scan } from './search.ts'
import { increment, textsAt } from './tally.ts'

export interface HistogramRequest {
  readonly tenants: readonly string[]
  readonly query: Query
  readonly interval: Interval
  /** Field by whose values each bucket is broken down. */
  readonly by?: string | undefined
}

export interface HistogramBucket {
  /** Start of the bucket, RFC 3339. */
  readonly time: string
  readonly count: number
  /** Matches by value of the `by` field; one with several values counts under each. */
  readonly values?: Readonly<Record<string, number>>
}

export interface Histogram {
  readonly interval: Interval
  /** False if counting stopped at its effort bound, or the index is behind: counts may be short. */
  readonly complete: boolean
  /** Every bucket between the bounds of the query, or else of what was found, oldest first. */
  readonly buckets: readonly HistogramBucket[]
}

export interface HistogramOptions extends MergeOptions {
  /** Candidates looked at by one call; default `limits.searchEffortEntriesMax`. */
  readonly effortEntriesMax?: number
}

/**
 * Counts of matches over time, by UTC buckets. What the index knows exactly is counted there, at any
 * size; what it does not, and what is broken down, by a bounded scan from the newest.
 */
export function createHistogram(options: HistogramOptions) {
  return {
    /** @throws Refusal `query-invalid` if the range has more buckets than we count. */
    async histogram(request: HistogramRequest): Promise<Histogram> {
      const indexed = await countIndexed(options.store, request)
      if (indexed?.complete === true) return indexed
      const scanned = await countScanned(options, request)
      return indexed === undefined || scanned.complete ? scanned : indexed
    },
  }
}

/**
 * What one histogram asks of the index, of every log in every bucket: a fact takes some 35 µs of a
 * reader, a count as much as two of them, and nobody else gets a turn on it meanwhile.
 */
const lookupsMax = 40_000
const lookupsPerCount = 2

interface LogSpan {
  readonly tenant: string
  readonly first: number
  readonly last: number
}

/** Spans of time of the logs of which anything is indexed. */
async function readSpans(store: ReadStore, tenants: readonly string[]): Promise<LogSpan[]> {
  const spans = await Promise.all(
    tenants.map(async (tenant) => {
      const span = await store.readTimeSpan(tenant)
      return span === undefined ? [] : [{ tenant, ...span }]
    }),
  )
  return spans.flat()
}

/** Undefined where the index does not answer this query exactly. */
async function countIndexed(
  store: ReadStore,
  { tenants, query, interval, by }: HistogramRequest,
): Promise<Histogram | undefined> {
  if (interval === 'minute' || (by !== undefined && by !== 'outcome')) return undefined
  const { groups, exact } = planTerms(query)
  const bounds = [query.since, query.until]
  const aligned = bounds.every((at) => at === undefined || bucketStart(at, interval) === at)
  if (!exact || !aligned) return undefined
  const logs = Array.from(new Set(tenants))
  const cut = await countAll(store, logs, [[overflowFact]])
  const isCut = cut.count > 0
  // Nothing is counted for a fact that no entry carries, and looking it up takes as long as any.
  const sought = isCut
    ? groups
    : groups.map((group) => group.filter((fact) => fact !== overflowFact))
  const lookupsPerBucket = lookupsPerCount + sought.flat().length + 1
  let complete = cut.exact && !isCut
  // Read after the line above, which says that by then everything was in the index.
  const spans = await readSpans(store, logs)
  const times = spans.flatMap(({ first, last }) => [first, last])
  const buckets: HistogramBucket[] = []
  let lookups = 0
  for (const start of listStarts(query, interval, times)) {
    const end = nextBucket(start, interval)
    const near = spans.filter(({ first, last }) => first < end && last >= start)
    const holding = near.map(({ tenant }) => tenant)
    const bucketGroups = [...sought, [bucketFact(start, interval)]]
    lookups += holding.length * lookupsPerBucket
    if (lookups > lookupsMax) return undefined
    const found = await countAll(store, holding, bucketGroups)
    complete &&= found.exact
    const isBroken = by !== undefined && found.count > 0
    if (isBroken) lookups += holding.length * outcomes.length * (lookupsPerBucket + 1)
    if (lookups > lookupsMax) return undefined
    const values = isBroken ? await countOutcomes(store, holding, bucketGroups) : {}
    buckets.push({
      ...{ time: formatTime(start), count: found.count },
      ...(by === undefined ? {} : { values }),
    })
  }
  return { interval, complete, buckets }
}

/** Outcomes are few and known, so that they can be counted one by one. */
async function countOutcomes(
  store: ReadStore,
  tenants: readonly string[],
  groups: readonly (readonly string[])[],
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const outcome of outcomes) {
    const { count } = await countAll(store, tenants, [...groups, [valueFact('outcome', outcome)]])
    if (count > 0) counts[outcome] = count
  }
  return counts
}

async function countAll(
  store: ReadStore,
  tenants: readonly string[],
  groups: readonly (readonly string[])[],
): Promise<{ count: number; exact: boolean }> {
  const found = await Promise.all(tenants.map((tenant) => store.countCandidates(tenant, groups)))
  const count = found.reduce((sum, one) => sum + one.count, 0)
  return { count, exact: found.every((one) => one.exact) }
}

async function countScanned(
  options: HistogramOptions,
  { tenants, query, interval, by }: HistogramRequest,
): Promise<Histogram> {
  const counts = new Map<number, Tally>()
  const effortMax = options.effortEntriesMax ?? limits.searchEffortEntriesMax
  const request = { tenants, query, order: 'newest-first', effortMax, expected: effortMax } as const
  const field = by === undefined ? undefined : (shortForms.get(by) ?? by)
  let complete = true
  for await (const { kept, entry } of scan(options, request)) {
    if (kept === undefined) complete = false
    if (entry === undefined) continue
    const start = bucketStart(Date.parse(timeOf(entry.event, entry.received)), interval)
    const tally = counts.get(start) ?? { count: 0, values: new Map() }
    counts.set(start, tally)
    tally.count++
    if (field !== undefined) for (const text of textsAt(entry, field)) increment(tally.values, text)
  }
  const times = Array.from(counts.keys(), (start) => [start, nextBucket(start, interval) - 1])
  const buckets = listStarts(query, interval, times.flat()).map((start) => {
    const { count, values } = counts.get(start) ?? { count: 0, values: new Map() }
    const broken = by === undefined ? {} : { values: Object.fromEntries(values) }
    return { time: formatTime(start), count, ...broken }
  })
  return { interval, complete, buckets }
}

interface Tally {
  count: number
  readonly values: Map<string, number>
}

/** Starts of all buckets between the query's bounds; at an open end, of the times given. */
function listStarts(query: Query, interval: Interval, times: readonly number[]): number[] {
  const since = query.since ?? times.reduce((a, b) => Math.min(a, b), Infinity)
  const until = query.until ?? times.reduce((a, b) => Math.max(a, b), -Infinity) + 1
  const starts: number[] = []
  if (!(since < until) || !Number.isFinite(since + until)) return starts
  for (let at = bucketStart(since, interval); at < until; at = nextBucket(at, interval)) {
    if (starts.length === limits.histogramBucketsMax) {
      const most = limits.histogramBucketsMax
      const detail = `A histogram has at most ${most} buckets: narrow since and until, or take a longer interval.`
      throw new Refusal('query-invalid', { detail })
    }
    starts.push(at)
  }
  return starts
}
