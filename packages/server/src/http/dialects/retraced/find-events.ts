import type { Entry } from '@indelible/protocol'
import { Refusal } from '../../../base/refusal.ts'
import type { Position } from '../../../query/cursor.ts'
import { emptyQuery, type Query } from '../../../query/query.ts'
import type { Reader } from '../../reader.ts'
import type { Span } from './search-text.ts'

/** Bounded reads that one request may need; a search that finds nothing in so many is refused. */
const readsMax = 50
/** Entries fetched at once. */
const fetchEntriesMax = 500

export interface Found {
  readonly tenant: string
  readonly query: Query
  /** When entries came in, which is the order of the log. */
  readonly received: Span
}

/** Indexes of a log: `from` included, `until` excluded. */
interface Range {
  readonly from: number
  /** Undefined: to the end. */
  readonly until: number | undefined
}

/** A page of events, newest first, and how many there are of them in all. */
export async function findPage(
  reader: Reader,
  found: Found,
  page: { readonly last: number; readonly before: string },
) {
  const range = await findRange(reader, found)
  const start = page.before === '' ? range.until : readCursor(page.before, range)
  const entries: Entry[] = []
  // One more tells whether anything follows.
  for await (const entry of readEntries(reader, found, { ...range, until: start }, page.last + 1)) {
    entries.push(entry)
    if (entries.length > page.last) break
  }
  return {
    totalCount: await countEntries(reader, found, range),
    entries: entries.slice(0, page.last),
    hasMore: entries.length > page.last,
  }
}

/** Everything that is found, newest first. */
export async function* findAll(reader: Reader, found: Found): AsyncGenerator<Entry, void, void> {
  yield* readEntries(reader, found, await findRange(reader, found), fetchEntriesMax)
}

/** The cursor is where an entry stands in its log, which is no secret. */
export const formatCursor = ({ index }: Entry): string => String(index)

function readCursor(cursor: string, { until }: Range): number {
  if (!/^\d{1,15}$/.test(cursor)) {
    throw new Refusal('cursor-invalid', { detail: 'The cursor is none of ours.' })
  }
  return Math.min(Number(cursor), until ?? Number.POSITIVE_INFINITY)
}

async function* readEntries(
  reader: Reader,
  { tenant, query }: Found,
  { from, until }: Range,
  expected: number,
): AsyncGenerator<Entry, void, void> {
  let after = until === undefined ? undefined : toPosition(tenant, until)
  for (let emptyReads = 0; emptyReads < readsMax; emptyReads++) {
    const { lines, count, next } = await reader.exportPage({
      ...{ tenants: [tenant], query, order: 'newest-first', format: 'ndjson', checkpoints: [] },
      limit: Math.min(expected, fetchEntriesMax),
      ...(after === undefined ? {} : { after }),
    })
    for (const line of lines.split('\n')) {
      if (line === '') continue
      const entry = JSON.parse(line) as Entry // our own JSON
      if (entry.index < from) return
      yield entry
    }
    if (next === null || next.index < from) return
    if (count > 0) emptyReads = -1
    after = next
  }
  throw new Refusal('query-invalid', {
    detail: 'Too much would have to be looked at. Narrow the search, by time for example.',
  })
}

/** Within one log, a position is its index. */
const toPosition = (tenant: string, index: number): Position => ({ tenant, index, received: 0 })

/** At least so many; all, unless the index can't tell and there are a million to look at. */
async function countEntries(
  reader: Reader,
  { tenant, query }: Found,
  { from, until }: Range,
): Promise<number> {
  let total = 0
  let after = until === undefined ? undefined : toPosition(tenant, until)
  for (let reads = 0; reads < readsMax; reads++) {
    const { count, next } = await reader.count({ tenant, query, from, after })
    total += count
    if (next === null) return total
    after = next
  }
  return total
}

async function findRange(reader: Reader, { tenant, received }: Found): Promise<Range> {
  const { since, until } = received
  if (since === undefined && until === undefined) return { from: 0, until: undefined }
  const size = (await reader.readLog(tenant))?.size ?? 0
  return {
    from: since === undefined ? 0 : await findFirst(reader, tenant, size, since),
    until: until === undefined ? undefined : await findFirst(reader, tenant, size, until),
  }
}

/** Index of the first entry received then or later: `received` never goes backwards in a log. */
async function findFirst(
  reader: Reader,
  tenant: string,
  size: number,
  time: number,
): Promise<number> {
  let [low, high] = [0, size]
  while (low < high) {
    const middle = (low + high) >>> 1
    const { lines } = await reader.follow({ tenant, from: middle, limit: 1, query: emptyQuery })
    const entry = lines[0] === undefined ? undefined : (JSON.parse(lines[0].json) as Entry)
    if (entry !== undefined && Date.parse(entry.received) < time) low = middle + 1
    else high = middle
  }
  return low
}
