import { limits } from '@indelible/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Direction, KeptEntry, ReadStore } from '../store/store.ts'
import type { Position } from './cursor.ts'
import { toSearchable } from './entry.ts'
import { createFilter } from './filter.ts'
import { parseQuery } from './grammar.ts'
import { emptyQuery, type Query } from './query.ts'
import { createSearch } from './search.ts'
import { events, queries } from './testing/arbitraries.ts'
import { createArrayStore, type TestEvent } from './testing/array-store.ts'

const now = Date.UTC(2026, 10, 20)
const orders = ['newest-first', 'oldest-first'] as const
const name = (entry: KeptEntry) => `${entry.tenant}/${entry.index}`
const login = (at: number): TestEvent => ({
  ...{ action: at % 3 === 0 ? 'user.login' : 'user.logout', id: `e${at}`, tenant: 'a' },
  ...{ outcome: 'success', time: new Date(now - at * 60_000).toISOString() },
})

function createTestSearch(effortEntriesMax = 1_000) {
  const log = createArrayStore()
  const { search } = createSearch({ store: log.store, clock: () => now, effortEntriesMax })
  return { ...log, search }
}

/** All pages of a search; `between` runs after each. */
async function readAll(
  search: ReturnType<typeof createSearch>['search'],
  request: { tenants: string[]; query: Query; order: Direction; limit: number },
  between: () => void = () => {},
): Promise<{ found: string[]; pages: number }> {
  const found: string[] = []
  let after: Position | undefined
  for (let pages = 1; ; pages++) {
    const page = await search({ ...request, after })
    expect(page.entries.length).toBeLessThanOrEqual(request.limit)
    found.push(...page.entries.map(name))
    if (page.next === null) return { found, pages }
    after = page.next
    between()
  }
}

const logs = fc.array(
  fc.record({ tenant: fc.constantFrom('a', 'b', 'B'), event: events, gap: fc.nat({ max: 2 }) }),
  { maxLength: 40 },
)

test('paging over many logs gives every match once, in the order of a plain sort', async () => {
  const paging = { limit: fc.integer({ min: 1, max: 7 }), effort: fc.integer({ min: 1, max: 9 }) }
  const setting = fc.record({ logs, query: queries, order: fc.constantFrom(...orders), ...paging })
  await fc.assert(
    fc.asyncProperty(setting, async ({ logs, query, order, limit, effort }) => {
      const { append, all, indexUpTo, search } = createTestSearch(effort)
      let received = now - 100
      for (const { tenant, event, gap } of logs) {
        received += gap
        append(tenant, received, event)
      }
      indexUpTo(logs.length / 4)
      const filter = createFilter(query)
      const matches = ['a', 'b', 'B'].flatMap(all).filter((kept) => filter(toSearchable(kept)))
      matches.sort(
        (a, b) =>
          a.received - b.received ||
          Number(a.tenant > b.tenant) - Number(a.tenant < b.tenant) ||
          a.index - b.index,
      )
      if (order === 'newest-first') matches.reverse()
      const tenants = ['b', 'a', 'B', 'a', 'nobody']
      const { found } = await readAll(search, { tenants, query, order, limit })
      expect(found).toEqual(matches.map(name))
    }),
    { numRuns: 400 },
  )
})

test('paging while others append visits each entry of the start once, in order', async () => {
  for (const order of orders) {
    const { append, all, search } = createTestSearch()
    let received = now
    for (let at = 0; at < 50; at++) append('a', received++, login(at))
    const start = all('a')
      .filter((_, at) => at % 3 === 0)
      .map(name)
    const request = { tenants: ['a'], query: parseQuery('action:user.login', now), order, limit: 4 }
    let appended = 50
    const { found } = await readAll(search, request, () => {
      if (appended < 80) append('a', received++, login(appended++))
    })
    if (order === 'newest-first') expect(found).toEqual(start.reverse())
    else
      expect(found).toEqual(
        all('a')
          .filter((_, at) => at % 3 === 0)
          .map(name),
      )
  }
})

test('the last page says that it is the last, full or not', async () => {
  const { append, search } = createTestSearch()
  for (let at = 0; at < 20; at++) append('a', now + at, login(at))
  const request = { tenants: ['a'], order: 'newest-first' as const, limit: 7 }
  const seven = await search({ ...request, query: parseQuery('action:user.login', now) })
  expect([seven.entries.length, seven.next]).toEqual([7, null])
  const { pages } = await readAll(search, { ...request, query: emptyQuery, limit: 10 })
  expect(pages).toBe(2)
  expect(await search({ ...request, query: emptyQuery, tenants: ['nobody'] })).toEqual({
    entries: [],
    next: null,
  })
})

test('a search that finds little stops at its effort and says where to go on (D-07)', async () => {
  const { append, search } = createTestSearch(10)
  for (let at = 0; at < 35; at++) append('a', now + at, login(at))
  const request = {
    tenants: ['a'],
    query: parseQuery('-action:user.*', now),
    order: 'newest-first' as const,
    limit: 5,
  }
  const page = await search(request)
  expect(page).toEqual({ entries: [], next: { tenant: 'a', index: 25, received: now + 25 } })
  expect(await readAll(search, request)).toEqual({ found: [], pages: 4 })
})

test('a search for many words looks at fewer entries at a time, the larger they are (D-07)', async () => {
  const { append, search } = createTestSearch(10)
  const data = { text: 'a b '.repeat(2_000) }
  for (let at = 0; at < 12; at++) append('a', now + at, { ...login(at), data })
  const pagesOf = async (q: string) => {
    const request = { tenants: ['a'], query: parseQuery(q, now), limit: 5 }
    return await readAll(search, { ...request, order: 'newest-first' })
  }
  expect(await pagesOf('"a b b"')).toEqual({ found: [], pages: 3 })
  expect(await pagesOf(`"${'a b '.repeat(100)} b"`)).toEqual({ found: [], pages: 12 })
})

test('a page of large entries ends before it fills the memory', async () => {
  const { append, search } = createTestSearch()
  const data = { text: 'x'.repeat(250_000) }
  for (let at = 0; at < 50; at++) append('a', now + at, { ...login(at), data })
  const request = {
    tenants: ['a'],
    query: emptyQuery,
    order: 'oldest-first' as const,
    limit: 1_000,
  }
  const page = await search(request)
  expect(page.entries.length).toBeLessThan(40)
  expect((await readAll(search, request)).found.length).toBe(50)
})

test('large entries spend the effort of a search sooner than small ones', async () => {
  const { append, search } = createTestSearch(100)
  const data = { text: 'x'.repeat(250_000) }
  for (let at = 0; at < 9; at++) append('a', now + at, { ...login(at), data })
  const query = parseQuery('-action:user.*', now)
  const request = { tenants: ['a'], query, order: 'newest-first' as const, limit: 5 }
  expect((await readAll(search, request)).pages).toBeGreaterThan(3)
})

test('of many logs with large entries only what has room is held, and all is found', async () => {
  const log = createArrayStore()
  const tenants = Array.from({ length: 300 }, (_, at) => `t${299 - at}`)
  for (const tenant of tenants) for (const at of [0, 1]) log.append(tenant, now + at, login(at))
  // One text for all of them, so that only the search's own count can tell that it is too much.
  const large = JSON.stringify('x'.repeat(limits.eventBytesMax - 1_000))
  const enlarge = (kept: KeptEntry) => ({ ...kept, parts: { ...kept.parts, data: large } })
  let readAgain = 0
  const store: ReadStore = {
    ...log.store,
    findCandidates: async (candidates) => (await log.store.findCandidates(candidates)).map(enlarge),
    readRange: async (...range) => {
      readAgain++
      return (await log.store.readRange(...range)).map(enlarge)
    },
  }
  const { search } = createSearch({ store, clock: () => now })
  const request = { tenants, query: emptyQuery, order: 'oldest-first' as const, limit: 1_000 }
  // The logs opened first are held, and those of the page, opened last, have no room left.
  const page = await search(request)
  expect(readAgain).toBeGreaterThanOrEqual(page.entries.length)
  const { found } = await readAll(search, request)
  expect(new Set(found).size).toBe(600)
  expect(found.length).toBe(600)
})

test('an entry is found whether indexed already or not, also back-dated before the log', async () => {
  const { append, indexUpTo, search } = createTestSearch()
  for (let at = 0; at < 9; at++) append('a', now + at, login(at))
  indexUpTo(9)
  const old = append('a', now + 9, { ...login(9), time: '2020-05-01T00:00:00.000Z' })
  const query = parseQuery('until:2021-01-01', now)
  const request = { tenants: ['a'], query, order: 'newest-first' as const, limit: 5 }
  for (const watermark of [9, 10]) {
    indexUpTo(watermark)
    expect((await search(request)).entries).toEqual([old])
  }
})

test('an entry indexed between planning and lookup is not hidden by the plan', async () => {
  const log = createArrayStore()
  for (let at = 0; at < 9; at++) log.append('a', now + at, login(at))
  const old = log.append('a', now + 9, { ...login(9), time: '2020-05-01T00:00:00.000Z' })
  log.indexUpTo(9)
  const store = {
    ...log.store,
    findCandidates: async (candidates: Parameters<typeof log.store.findCandidates>[0]) => {
      log.indexUpTo(10)
      return log.store.findCandidates(candidates)
    },
  }
  const { search } = createSearch({ store, clock: () => now })
  const query = parseQuery('until:2021-01-01', now)
  const page = await search({ tenants: ['a'], query, order: 'newest-first', limit: 5 })
  expect(page.entries).toEqual([old])
})

test.each([
  ...["' OR 1=1 --", '" OR fact MATCH "', 'fact:*', 'NEAR(a b)', 'a* OR b', '%', '_', '$.x', ')('],
  ...[
    "x'); DROP TABLE entry; --",
    '$&',
    '{{7*7}}',
    '../../etc/passwd',
    '\r\nX: 1',
    '(a+)+$',
    '__proto__',
  ],
])('%j is nothing but text (I-01, I-03, I-04)', async (text) => {
  const { append, search } = createTestSearch()
  append('a', now, { ...login(0), data: { note: text } })
  append('a', now + 1, { ...login(1), data: { note: 'other' } })
  append('a', now + 2, { ...login(2), data: { [text]: 'x' } })
  const ask = async (query: Query) =>
    (await search({ tenants: ['a'], query, order: 'oldest-first', limit: 9 })).entries.map(name)
  const values = [{ kind: 'exact' as const, text }]
  expect(await ask({ terms: [{ negated: false, field: 'data.note', values }] })).toEqual(['a/0'])
  expect(await ask({ terms: [{ negated: true, field: 'data.note', values }] })).toEqual([
    'a/1',
    'a/2',
  ])
  const named = [{ kind: 'exact' as const, text: 'x' }]
  expect(await ask({ terms: [{ negated: false, field: `data.${text}`, values: named }] })).toEqual([
    'a/2',
  ])
})
