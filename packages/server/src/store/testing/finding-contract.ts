import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Candidates, ReadStore } from '../store.ts'
import type { Seed } from './entries.ts'
import { appendTo, type StoreUnderTest } from './store-under-test.ts'

/** What the read capability finds by facts. */
export function describeFinding(open: () => Promise<StoreUnderTest>): void {
  const facts = ['a', 'b', 'c', 'd', 'e']
  const fact = fc.constantFrom(...facts)
  const seeds = fc.array(
    fc.uniqueArray(fact).map((own): Seed => ({ facts: own })),
    { maxLength: 40 },
  )
  const lookups = fc.record({
    groups: fc.array(fc.uniqueArray(fact, { minLength: 1, maxLength: 3 }), { maxLength: 3 }),
    direction: fc.constantFrom('newest-first' as const, 'oldest-first' as const),
    from: fc.option(fc.nat(90), { nil: undefined }),
    limit: fc.integer({ min: 1, max: 30 }),
  })

  test('candidates are all that carry every group, in order, none of another log’s', async () => {
    await using store = await open()
    let logs = 0
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(seeds, seeds),
        fc.array(lookups, { minLength: 10, maxLength: 20 }),
        async ([first, second], all) => {
          const tenant = `log${++logs}`
          const added = [...first, ...second]
          await appendTo(store, tenant, first)
          await appendTo(store, `${tenant}x`, [{ facts }, { facts }])
          await store.catchUp()
          await appendTo(store, tenant, second)
          for (const lookup of all) {
            const found = await findAll(store.read, { tenant, ...lookup })
            const { groups, direction, from, limit } = lookup
            const isBeyond = (index: number) =>
              from === undefined || (direction === 'newest-first' ? index < from : index > from)
            const matches = added
              .map((seed, index) => ({ own: seed.facts ?? [], index }))
              .filter(({ own }) => groups.every((group) => group.some((one) => own.includes(one))))
              .map(({ index }) => index)
              .filter(isBeyond)
            if (direction === 'newest-first') matches.reverse()
            expect(found.matching(added, groups).slice(0, limit)).toEqual(matches.slice(0, limit))
            expect(found.entries.every((entry) => entry.tenant === tenant)).toBe(true)
          }
        },
      ),
      { numRuns: 12 },
    )
  })

  test('of ten thousand entries the nearest are found, however many carry the fact', async () => {
    await using store = await open()
    const size = 10_000
    const factsOf = (n: number) => [
      'all',
      ...(n % 3 === 0 ? ['third'] : []),
      ...(n < 5_000 ? ['old'] : []),
      ...(n === 17 ? ['once'] : []),
    ]
    for (let at = 0; at < size; at += 1_000) {
      const chunk = Array.from({ length: 1_000 }, (_, n) => ({ facts: factsOf(at + n) }))
      await appendTo(store, 'acme', chunk)
    }
    await store.catchUp()
    const find = async (
      direction: Candidates['direction'],
      groups: Candidates['groups'],
      from?: number,
    ) => {
      const lookup = { tenant: 'acme', groups, direction, from, limit: 3 }
      return (await store.read.findCandidates(lookup)).map(({ index }) => index)
    }
    expect(await find('newest-first', [['all']])).toEqual([9_999, 9_998, 9_997])
    expect(await find('newest-first', [['old']])).toEqual([4_999, 4_998, 4_997])
    expect(await find('newest-first', [['old'], ['third']])).toEqual([4_998, 4_995, 4_992])
    expect(await find('newest-first', [['third']], 5)).toEqual([3, 0])
    expect(await find('newest-first', [['once']])).toEqual([17])
    expect(await find('newest-first', [['once', 'third']], 20)).toEqual([18, 17, 15])
    expect(await find('newest-first', [['none']])).toEqual([])
    expect(await find('oldest-first', [['all']], 8_000)).toEqual([8_001, 8_002, 8_003])
    expect(await find('oldest-first', [['third'], ['all']], 9_990)).toEqual([9_993, 9_996, 9_999])
    expect(await find('oldest-first', [['old']], 4_998)).toEqual([4_999])
    expect(await store.read.countCandidates('acme', [['third']])).toEqual({
      count: 3_334,
      exact: true,
    })
    expect(await store.read.countCandidates('acme', [['old'], ['once', 'none']])).toEqual({
      count: 1,
      exact: true,
    })
  })

  test('the times of a log span from its earliest event to its latest', async () => {
    await using store = await open()
    await appendTo(store, 'acme', [{ time: 500 }, { time: 300 }])
    await appendTo(store, 'acme', [{ time: 400 }])
    await appendTo(store, 'other', [{ time: 900 }])
    await store.catchUp()
    expect(await store.read.readTimeSpan('acme')).toEqual({ first: 300, last: 500 })
    expect(await store.read.readTimeSpan('other')).toEqual({ first: 900, last: 900 })
    expect(await store.read.readTimeSpan('none')).toBeUndefined()
  })

  test('of a log that does not exist there is nothing', async () => {
    await using store = await open()
    await appendTo(store, 'acme', [{ facts: ['a'] }])
    const lookup = { tenant: 'none', groups: [['a']], from: undefined, limit: 9 }
    for (const direction of ['newest-first', 'oldest-first'] as const) {
      expect(await store.read.findCandidates({ ...lookup, direction })).toEqual([])
      expect(await store.read.findCandidates({ ...lookup, groups: [], direction })).toEqual([])
    }
    expect(await store.read.countCandidates('none', [['a']])).toMatchObject({ count: 0 })
    expect(await store.read.readLog('none')).toBeUndefined()
    expect(await store.read.readRange('none', 0, 9, 9)).toEqual([])
    expect(await store.append.transact((one) => one.findIds('acme', ['none']))).toEqual(new Map())
  })
}

/** A page of candidates; those a store adds because it has not indexed them yet are rechecked. */
async function findAll(read: ReadStore, lookup: Candidates) {
  // Unindexed candidates take room of the page: asked for enough, all that match are on it.
  const entries = await read.findCandidates({ ...lookup, limit: lookup.limit + 100 })
  return {
    entries,
    matching: (seeds: readonly Seed[], groups: Candidates['groups']) =>
      entries
        .filter(({ index }) =>
          groups.every((group) => group.some((fact) => seeds[index]?.facts?.includes(fact))),
        )
        .map(({ index }) => index),
  }
}
