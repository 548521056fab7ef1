import { expect, test } from 'vitest'
import { createCount } from '../../../query/count.ts'
import { formatEntry } from '../../../query/entry.ts'
import { parseQuery } from '../../../query/grammar.ts'
import { createSearch } from '../../../query/search.ts'
import { createArrayStore } from '../../../query/testing/array-store.ts'
import type { Reader } from '../../reader.ts'
import { findAll, findPage, formatCursor } from './find-events.ts'

const now = Date.UTC(2026, 10, 20)

/** A log of one event a second, each tenth of them wanted, and a reader of little stamina. */
function open(events: number, effortEntriesMax: number) {
  const log = createArrayStore()
  for (let n = 0; n < events; n++) {
    const time = new Date(now + n * 1_000).toISOString()
    const core = { action: n % 10 === 0 ? 'wanted' : 'other', id: `e${n}`, tenant: 'a', time }
    log.append('a', now + n * 1_000, { ...core, outcome: 'success' })
  }
  // Nothing is indexed: every read looks at entries.
  log.indexUpTo(0)
  const options = { store: log.store, clock: () => now, effortEntriesMax }
  const { search } = createSearch(options)
  const reader = {
    ...createCount(options),
    readLog: (tenant: string) => log.store.readLog(tenant),
    async exportPage({
      format: _,
      checkpoints: __,
      ...request
    }: Parameters<Reader['exportPage']>[0]) {
      const { entries, next } = await search(request)
      const lines = entries.map((kept) => `${formatEntry(kept)}\n`).join('')
      return { lines, count: entries.length, next }
    },
    async follow({ tenant, from }: Parameters<Reader['follow']>[0]) {
      const entries = await log.store.readRange(tenant, from, from + 1, 1)
      const lines = entries.map((kept) => ({ index: kept.index, json: formatEntry(kept) }))
      return { lines, next: from + 1 }
    },
  } as unknown as Reader // all of it that is called
  return { reader, found: { tenant: 'a', query: parseQuery('action:wanted', now), received: {} } }
}

test('pages hold each match once, however little one read looks at', async () => {
  for (const effort of [1_000, 30, 12]) {
    const { reader, found } = open(100, effort)
    const seen: number[] = []
    for (let before = '', hasMore = true; hasMore; ) {
      const page = await findPage(reader, found, { last: 3, before })
      if (effort === 1_000) expect(page.totalCount).toBe(10)
      seen.push(...page.entries.map(({ index }) => index))
      const last = page.entries.at(-1)
      if (last !== undefined) before = formatCursor(last)
      hasMore = page.hasMore
    }
    expect(seen, `${effort}`).toEqual([90, 80, 70, 60, 50, 40, 30, 20, 10, 0])
  }
})

test('a search that looks at too much and finds nothing is refused, not answered as empty', async () => {
  const { reader, found } = open(100, 5)
  const nothing = { ...found, query: parseQuery('action:absent', now) }
  await expect(findPage(reader, nothing, { last: 3, before: '' })).rejects.toThrow(/Too much/)
})

test('a range of receipt holds its beginning and not its end, in pages, counts and exports', async () => {
  const { reader, found } = open(100, 1_000)
  const received = { since: now + 20_000, until: now + 50_000 }
  const page = await findPage(reader, { ...found, received }, { last: 2, before: '' })
  expect(page).toMatchObject({ totalCount: 3, hasMore: true })
  expect(page.entries.map(({ index }) => index)).toEqual([40, 30])
  const rest = await findPage(reader, { ...found, received }, { last: 2, before: '30' })
  expect(rest).toMatchObject({ totalCount: 3, hasMore: false })
  expect(rest.entries.map(({ index }) => index)).toEqual([20])
  const all: number[] = []
  for await (const { index } of findAll(reader, { ...found, received })) all.push(index)
  expect(all).toEqual([40, 30, 20])
  const empty = { ...found, received: { since: now + 1_000_000 } }
  expect(await findPage(reader, empty, { last: 2, before: '' })).toMatchObject({ totalCount: 0 })
})
