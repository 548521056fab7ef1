import type { Entry } from '@indelible/protocol'
import type { Position } from '../../query/cursor.ts'
import type { Query } from '../../query/query.ts'
import type { Reader } from '../reader.ts'

/** Entries fetched at once. */
export const fetchEntriesMax = 500

/** Indexes of a log: `from` included, `until` excluded. */
export interface Range {
  readonly from: number
  /** Undefined: to the end. */
  readonly until: number | undefined
}

/** An entry, and its JSON; or that no more may be read though more may follow. */
export type Line = { readonly entry: Entry; readonly text: string } | 'spent'

/**
 * What a query finds in one log, newest first.
 * @param bounds.expected entries that the caller means to look at
 * @param bounds.readsMax each of which is bounded
 */
export async function* readLines(
  reader: Reader,
  { tenant, query }: { readonly tenant: string; readonly query: Query },
  { from, until }: Range,
  { expected, readsMax }: { readonly expected: number; readonly readsMax: number },
): AsyncGenerator<Line, void, void> {
  let after = until === undefined ? undefined : toPosition(tenant, until)
  for (let reads = 0; reads < readsMax; reads++) {
    const { lines, next } = await reader.exportPage({
      ...{ tenants: [tenant], query, order: 'newest-first', format: 'ndjson', checkpoints: [] },
      limit: Math.min(expected, fetchEntriesMax),
      ...(after === undefined ? {} : { after }),
    })
    for (const text of lines.split('\n')) {
      if (text === '') continue
      const entry = JSON.parse(text) as Entry // our own JSON
      if (entry.index < from) return
      yield { entry, text }
    }
    if (next === null || next.index < from) return
    after = next
  }
  yield 'spent'
}

/** Within one log, a position is its index. */
export const toPosition = (tenant: string, index: number): Position => ({
  ...{ tenant, index, received: 0 },
})
