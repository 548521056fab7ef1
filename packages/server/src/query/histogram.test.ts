import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ReadStore } from '../store/store.ts'
import { bucketStart, type Interval } from './buckets.ts'
import { toSearchable } from './entry.ts'
import { timeOf } from './facts.ts'
import { createFilter } from './filter.ts'
import { parseQuery } from './grammar.ts'
import { createHistogram } from './histogram.ts'
import { emptyQuery } from './query.ts'
import { events, queries } from './testing/arbitraries.ts'
import { createArrayStore, type TestEvent } from './testing/array-store.ts'
import { createValues } from './values.ts'

const now = Date.UTC(2026, 10, 20)
const event = (time: string, more: object = {}): TestEvent => ({
  ...{ action: 'user.login', id: time, tenant: 'a', outcome: 'success', time },
  ...more,
})

function create(effortEntriesMax = 1_000) {
  const log = createArrayStore()
  const options = { store: log.store, clock: () => now, effortEntriesMax }
  return { ...log, ...createHistogram(options), ...createValues(options) }
}

test('every bucket counts just the matches of its time, by index or by scan', async () => {
  const interval = fc.constantFrom<Interval>('hour', 'day', 'month')
  const setting = fc.record({ all: fc.array(events, { maxLength: 12 }), query: queries, interval })
  await fc.assert(
    fc.asyncProperty(setting, async ({ all, query, interval }) => {
      const { append, all: entries, histogram } = create()
      // Not on the day of the events, so that entries without a time stay within the buckets.
      for (const [at, one] of all.entries()) append(at % 2 ? 'a' : 'b', Date.UTC(2026, 9, 15), one)
      const { complete, buckets } = await histogram({ tenants: ['a', 'b'], query, interval })
      const filter = createFilter(query)
      const matches = ['a', 'b'].flatMap(entries).map(toSearchable).filter(filter)
      const starts = matches.map(({ event, received }) =>
        new Date(bucketStart(Date.parse(timeOf(event, received)), interval)).toISOString(),
      )
      expect(complete).toBe(true)
      expect(buckets.reduce((sum, { count }) => sum + count, 0)).toBe(matches.length)
      for (const { time, count } of buckets) {
        expect(count).toBe(starts.filter((start) => start === time).length)
      }
    }),
    { numRuns: 500 },
  )
})

test('buckets go from bound to bound without gaps, broken down by a field', async () => {
  const { append, histogram } = create()
  append('a', now, event('2026-11-03T10:00:00.000Z'))
  append('a', now, event('2026-11-03T11:00:00.000Z', { outcome: 'denied' }))
  append('a', now, event('2026-11-04T00:00:00.000Z'))
  const query = parseQuery('since:2026-11-02 until:2026-11-04', now)
  const found = await histogram({ tenants: ['a'], query, interval: 'day', by: 'outcome' })
  expect(found).toEqual({
    interval: 'day',
    complete: true,
    buckets: [
      { time: '2026-11-02T00:00:00.000Z', count: 0, values: {} },
      { time: '2026-11-03T00:00:00.000Z', count: 2, values: { success: 1, denied: 1 } },
    ],
  })
})

test('what the index has not reached yet is counted too', async () => {
  const { append, indexUpTo, histogram } = create()
  append('a', now, event('2026-11-03T10:00:00.000Z'))
  indexUpTo(1)
  append('a', now, event('2026-11-01T10:00:00.000Z'))
  const { buckets, complete } = await histogram({
    tenants: ['a'],
    query: emptyQuery,
    interval: 'day',
  })
  expect(complete).toBe(true)
  expect(buckets.map(({ count }) => count)).toEqual([1, 0, 1])
})

test('counting that stops at its effort says so (D-07)', async () => {
  const { append, histogram, values } = create(5)
  for (let at = 0; at < 9; at++) append('a', now + at, event(`2026-11-03T1${at}:00:00.000Z`))
  const request = {
    tenants: ['a'],
    query: parseQuery('"user login"', now),
    interval: 'day' as const,
  }
  const scanned = await histogram(request)
  expect([scanned.complete, scanned.buckets[0]?.count]).toEqual([false, 5])
  const indexed = await histogram({ ...request, query: parseQuery('action:user.*', now) })
  expect([indexed.complete, indexed.buckets[0]?.count]).toEqual([true, 9])
  const found = await values({ tenants: ['a'], field: 'action', query: emptyQuery, limit: 10 })
  expect(found).toEqual({
    field: 'action',
    complete: false,
    values: [{ value: 'user.login', count: 5 }],
  })
})

test('a histogram asks the index only where a log has anything, and not without end (D-07)', async () => {
  const { append, store } = create()
  const tenants = Array.from({ length: 30 }, (_, at) => `t${at}`)
  for (const [day, tenant] of tenants.entries()) {
    append(tenant, now, event(new Date(Date.UTC(2026, 9, 1 + day)).toISOString()))
  }
  let counts = 0
  let lookups = 0
  const counting: ReadStore = {
    ...store,
    countCandidates: (tenant, groups) => {
      counts++
      lookups += 2 + groups.flat().length
      return store.countCandidates(tenant, groups)
    },
  }
  const { histogram } = createHistogram({ store: counting, clock: () => now })
  const query = parseQuery('since:2026-10-01 until:2026-11-01', now)
  const request = { query, interval: 'hour' as const, by: 'outcome' }
  const { complete, buckets } = await histogram({ ...request, tenants })
  expect([complete, buckets.filter(({ count }) => count === 1).length]).toEqual([true, 30])
  expect(counts).toBeLessThan(30 * 10)

  for (const tenant of tenants) append(tenant, now, event('2026-10-31T23:00:00.000Z'))
  for (const q of ['', 'action:user.login', '"login" "user" "x"']) {
    lookups = 0
    const long = await histogram({
      ...request,
      ...{ tenants, query: parseQuery(`since:2026-10-01 until:2026-11-01 ${q}`, now) },
    })
    expect([long.complete, long.buckets.length]).toEqual([true, 744])
    // And once in each log, whether an entry has more facts than are kept.
    expect(lookups).toBeLessThanOrEqual(40_000 + 3 * tenants.length)
  }
})

test('what is in no bucket is not broken down in each', async () => {
  const { append, store } = create()
  append('a', now, event('2026-01-02T10:00:00.000Z'))
  append('a', now, event('2026-11-03T10:00:00.000Z'))
  let counts = 0
  const countCandidates: ReadStore['countCandidates'] = (...asked) => {
    counts++
    return store.countCandidates(...asked)
  }
  const { histogram } = createHistogram({ store: { ...store, countCandidates }, clock: () => now })
  const query = parseQuery('login action:user.*', now)
  const { buckets } = await histogram({ tenants: ['a'], query, interval: 'day', by: 'outcome' })
  expect(buckets.filter(({ count }) => count > 0).map(({ values }) => values)).toEqual([
    { success: 1 },
    { success: 1 },
  ])
  expect(buckets.length).toBe(306)
  expect(counts).toBeLessThan(320)
})

test('a histogram of too many buckets is refused', async () => {
  const { histogram } = create()
  const query = parseQuery('since:1990-01-01 until:2026-01-01', now)
  const request = { tenants: ['a'], query, interval: 'hour' as const }
  await expect(histogram(request)).rejects.toMatchObject({ code: 'query-invalid' })
})

test('values come most frequent first, each once an entry, of the granted logs alone', async () => {
  const { append, values } = create()
  const targets = (...ids: string[]) => ({ targets: ids.map((id) => ({ type: 'x', id })) })
  append('a', now, event('2026-11-03T10:00:00.000Z', targets('c_1', 'c_1', 'c_2')))
  append('a', now, event('2026-11-03T10:00:01.000Z', targets('c_1', 'd_1', '__proto__')))
  append('b', now, event('2026-11-03T10:00:02.000Z', targets('secret')))
  const request = { tenants: ['a'], field: 'target', query: emptyQuery }
  expect((await values({ ...request, limit: 2 })).values).toEqual([
    { value: 'c_1', count: 2 },
    { value: '__proto__', count: 1 },
  ])
  const { values: found } = await values({ ...request, prefix: 'c_', limit: 9 })
  expect(found.map(({ value }) => value)).toEqual(['c_1', 'c_2'])
})
