import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { KeptEntry } from '../store/store.ts'
import { toSearchable } from './entry.ts'
import { createFactReader, overflowFact } from './facts.ts'
import { createFilter } from './filter.ts'
import { parseQuery } from './grammar.ts'
import { planQuery, planTerms } from './plan.ts'
import { combine } from './query.ts'
import { events, queries, terms } from './testing/arbitraries.ts'
import { keep } from './testing/array-store.ts'
import { wordsOf } from './words.ts'

const now = Date.UTC(2026, 10, 20)
const received = Date.UTC(2026, 9, 15)

const factsOf = (entry: KeptEntry): Set<string> =>
  new Set(
    createFactReader()
      .readFacts(entry)
      .groups.flatMap(({ facts }) => facts),
  )

const carries = (facts: Set<string>, groups: readonly (readonly string[])[]) =>
  groups.every((group) => group.some((fact) => facts.has(fact)))

test('every entry that matches a query carries a fact of each group of its plan', () => {
  let matches = 0
  fc.assert(
    fc.property(events, queries, (event, query) => {
      const kept = keep('a', 7, received, event)
      if (!createFilter(query)(toSearchable(kept))) return true
      matches++
      const span = { first: Date.UTC(2026, 8, 29), last: Date.UTC(2026, 10, 2) }
      return carries(factsOf(kept), planQuery(query, { span, now }).groups)
    }),
    { numRuns: 20_000 },
  )
  expect(matches).toBeGreaterThan(500)
})

test('a query made of what an event says finds that event, by filter and by plan', () => {
  const picked = fc.tuple(events, fc.nat()).map(([event, at]) => {
    const strings = stringsOf({ ...event, tenant: 0, time: 0 })
    return { event, word: strings[at % Math.max(1, strings.length)] ?? '' }
  })
  fc.assert(
    fc.property(picked, ({ event, word }) => {
      fc.pre(wordsOf(word).length > 0)
      const query = {
        terms: [
          { negated: false, field: undefined, values: [{ kind: 'words' as const, text: word }] },
        ],
      }
      const kept = keep('a', 0, received, event)
      expect(createFilter(query)(toSearchable(kept))).toBe(true)
      expect(carries(factsOf(kept), planTerms(query).groups)).toBe(true)
    }),
    { numRuns: 3_000 },
  )
})

test.each(['12.5', '12.50', '1.25e1', '12.5e0'])('the number 12.5 is found as %s', (text) => {
  const kept = keep('a', 0, received, { action: 'a.b', data: { n: 12.5 } })
  const query = parseQuery(`data.n:${text}`, now)
  expect(createFilter(query)(toSearchable(kept))).toBe(true)
  expect(carries(factsOf(kept), planTerms(query).groups)).toBe(true)
})

test('an exact plan holds of no entry that does not match', () => {
  let exact = 0
  fc.assert(
    fc.property(events, terms, (event, term) => {
      const query = { terms: [term] }
      const plan = planTerms(query)
      if (!plan.exact) return true
      exact++
      const kept = keep('a', 7, received, event)
      const facts = factsOf(kept)
      return carries(facts, plan.groups) === createFilter(query)(toSearchable(kept))
    }),
    { numRuns: 10_000 },
  )
  expect(exact).toBeGreaterThan(500)
})

test('an entry with more facts than are kept is a candidate of every query', () => {
  const data = Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`k${at}`, `v${at}`]))
  const facts = factsOf(keep('a', 0, received, { action: 'a.b', outcome: 'failure', data }))
  expect(facts.size).toBeLessThanOrEqual(2_001)
  expect(facts.has(overflowFact)).toBe(true)
  const query = parseQuery(
    'data.k4999:v4999 v4998 -outcome:success action:a.* since:2020-01-01',
    now,
  )
  const plan = planQuery(query, { now })
  expect(plan.groups.length).toBe(5)
  expect(carries(facts, plan.groups)).toBe(true)
})

test('a range of time is covered by the fewest months, days and hours', () => {
  const later = Date.UTC(2026, 11, 20)
  const time = (q: string) => planQuery(parseQuery(q, later), { now: later }).groups.at(-1)
  expect(time('since:2026-10-31T22:30:00Z until:2026-12-02')).toEqual([
    'h:2026-10-31T22',
    'h:2026-10-31T23',
    'm:2026-11',
    'd:2026-12-01',
    overflowFact,
  ])
  expect(time('since:2026-10-31T05:00:00Z')?.slice(-4)).toEqual([
    'h:2026-10-31T23',
    'm:2026-11',
    'm:2026-12',
    overflowFact,
  ])
  expect(time('since:2026-10-31 until:2026-10-31')).toEqual([overflowFact])
})

test('a range with an open start begins with the log, and says that it assumed so', () => {
  const span = { first: Date.UTC(2026, 8, 30), last: now }
  const until = parseQuery('until:2026-10-02', now)
  const plan = planQuery(until, { span, now })
  expect(plan).toEqual({
    groups: [['d:2026-09-30', 'd:2026-10-01', overflowFact]],
    assumedFirst: span.first,
  })
  expect(planQuery(until, { now })).toEqual({ groups: [], assumedFirst: undefined })
})

test('a negation is left to the recheck, but for outcomes, whose others are known', () => {
  expect(planTerms(parseQuery('-actor.id:u_1 -word', now)).groups).toEqual([])
  expect(planTerms(parseQuery('-outcome:success,denied', now)).groups).toEqual([
    ['outcome=failure', 'outcome=unknown', '!outcomeless', overflowFact],
  ])
})

test('a plan stays small whatever the query (D-07)', () => {
  const many = Array.from({ length: 1_000 }, (_, at) => `${at}`).join(',')
  const wide = planTerms(parseQuery(`data.x:${many}`, now))
  const long = planTerms(parseQuery(`"${many.replaceAll(',', ' ')}"`, now))
  for (const plan of [wide, long]) {
    expect(plan.groups.flat().length).toBeLessThan(1_200)
    expect(plan.exact).toBe(false)
  }
})

test('two queries combined match what both match', () => {
  fc.assert(
    fc.property(events, queries, queries, (event, a, b) => {
      const entry = toSearchable(keep('a', 1, received, event))
      const both = createFilter(a)(entry) && createFilter(b)(entry)
      return createFilter(combine(a, b))(entry) === both
    }),
    { numRuns: 3_000 },
  )
})

function stringsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsOf) : []
}
