import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type CountRequest, createCount } from './count.ts'
import { toSearchable } from './entry.ts'
import { createFilter } from './filter.ts'
import { parseQuery } from './grammar.ts'
import { events, queries } from './testing/arbitraries.ts'
import { createArrayStore, type TestEvent } from './testing/array-store.ts'

const now = Date.UTC(2026, 10, 20)

function create(effortEntriesMax: number) {
  const log = createArrayStore()
  const { count } = createCount({ store: log.store, clock: () => now, effortEntriesMax })
  /** As many calls as it takes. */
  const countAll = async (request: CountRequest) => {
    let total = 0
    for (let after = request.after, calls = 1; ; calls++) {
      const counted = await count({ ...request, after })
      total += counted.count
      if (counted.next === null) return { total, calls }
      after = counted.next
    }
  }
  return { ...log, countAll }
}

test('what is counted in bounded steps is what a plain look at every entry finds', async () => {
  const setting = fc.record({
    ...{ all: fc.array(events, { maxLength: 20 }), query: queries },
    ...{
      from: fc.nat({ max: 5 }),
      indexed: fc.nat({ max: 20 }),
      effort: fc.integer({ min: 1, max: 7 }),
    },
  })
  await fc.assert(
    fc.asyncProperty(setting, async ({ all, query, from, indexed, effort }) => {
      const log = create(effort)
      for (const event of all) log.append('a', now, event)
      log.indexUpTo(Math.min(indexed, all.length))
      const filter = createFilter(query)
      const expected = log
        .all('a')
        .filter((kept) => kept.index >= from && filter(toSearchable(kept)))
      const { total } = await log.countAll({ tenant: 'a', query, from })
      expect(total).toBe(expected.length)
    }),
    { numRuns: 60 },
  )
})

test('what the index knows exactly is counted there, whatever the effort', async () => {
  const log = create(1)
  for (let n = 0; n < 10; n++) {
    const event: TestEvent = {
      ...{ action: n % 2 === 0 ? 'a.b' : 'a.c', id: `e${n}`, tenant: 'a', outcome: 'success' },
      time: new Date(now).toISOString(),
    }
    log.append('a', now, event)
  }
  log.indexUpTo(10)
  const request = { tenant: 'a', query: parseQuery('action:a.b', now) }
  expect(await log.countAll(request)).toEqual({ total: 5, calls: 1 })
  const negated = { tenant: 'a', query: parseQuery('-action:a.b', now) }
  expect((await log.countAll(negated)).total).toBe(5)
})
