import { type Entry, limits } from '@indelible/protocol'
import { Refusal } from '../../../base/refusal.ts'
import { emptyQuery, type Query } from '../../../query/query.ts'
import type { Reader } from '../../reader.ts'
import { fetchEntriesMax, type Range, readLines, toPosition } from '../read-lines.ts'
import type { Span } from './search-text.ts'

/**
 * Reads, each bounded, that one page may take: whoever holds a viewer token may ask for it. A search
 * that finds nothing in so many is refused, and a count goes as far.
 */
const readsMax = 10

export interface LogSearch {
  readonly tenant: string
  readonly query: Query
  /** When entries came in, which is the order of the log. */
  readonly received: Span
}

/**
 * A page of events, newest first, and how many there are of them in all. A page may be short before
 * the end where much had to be looked at.
 */
export async function findPage(
  reader: Reader,
  search: LogSearch,
  page: { readonly last: number; readonly before: string },
) {
  const range = await findRange(reader, search)
  const until = page.before === '' ? range.until : readCursor(page.before, range)
  const entries: Entry[] = []
  let chars = 0
  let isSpent = false
  // One more tells whether anything follows.
  const bounds = { expected: page.last + 1, readsMax }
  for await (const line of readLines(reader, search, { ...range, until }, bounds)) {
    isSpent = line === 'spent'
    if (line === 'spent') break
    chars += line.text.length
    if (chars > limits.pageBytesMax) throw refuseLarge()
    entries.push(line.entry)
    if (entries.length > page.last) break
  }
  if (isSpent && entries.length === 0) throw refuseEffort()
  return {
    totalCount: await countEntries(reader, search, range),
    entries: entries.slice(0, page.last),
    hasMore: isSpent || entries.length > page.last,
  }
}

/** Everything that is found, newest first. */
export async function* findAll(
  reader: Reader,
  search: LogSearch,
): AsyncGenerator<Entry, void, void> {
  const bounds = { expected: fetchEntriesMax, readsMax: Number.POSITIVE_INFINITY }
  const range = await findRange(reader, search)
  for await (const line of readLines(reader, search, range, bounds)) {
    if (line !== 'spent') yield line.entry
  }
}

/** The cursor is where an entry stands in its log, which is no secret. */
export const formatCursor = ({ index }: Entry): string => String(index)

function readCursor(cursor: string, { until }: Range): number {
  if (!/^\d{1,15}$/.test(cursor)) {
    throw new Refusal('cursor-invalid', { detail: 'The cursor is none of ours.' })
  }
  return Math.min(Number(cursor), until ?? Number.POSITIVE_INFINITY)
}

const refuseEffort = (): Refusal =>
  new Refusal('query-invalid', {
    detail: 'Too much would have to be looked at. Narrow the search, by time for example.',
  })

const refuseLarge = (): Refusal =>
  new Refusal('query-invalid', {
    detail: `The page has more than ${limits.pageBytesMax} bytes. Ask for fewer events at once.`,
  })

/** At least so many; all, unless the index can't tell and there is too much to look at. */
async function countEntries(
  reader: Reader,
  { tenant, query }: LogSearch,
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

async function findRange(reader: Reader, { tenant, received }: LogSearch): Promise<Range> {
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
