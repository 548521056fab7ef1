import { limits } from '@indelible/protocol'
import type { Direction, KeptEntry } from '../store/store.ts'
import type { Position } from './cursor.ts'
import { countChars, toSearchable } from './entry.ts'
import type { Searchable } from './fields.ts'
import { createFilter } from './filter.ts'
import { type MergeOptions, mergeCandidates } from './merge.ts'
import type { Query } from './query.ts'
import { wordsOf } from './words.ts'

export interface SearchRequest {
  /** Logs to search; unknown and repeated ones are passed over. The caller's grant covers them. */
  readonly tenants: readonly string[]
  readonly query: Query
  readonly order: Direction
  readonly limit: number
  /** Text of the page; default `limits.pageBytesMax`. */
  readonly bytesMax?: number
  /** Where an earlier page ended. */
  readonly after?: Position | undefined
}

export interface SearchPage {
  readonly entries: KeptEntry[]
  /** Where to go on; null only if nothing follows. A page may be short, even empty, before it. */
  readonly next: Position | null
}

export interface SearchOptions extends MergeOptions {
  /** Candidates looked at by one call; default `limits.searchEffortEntriesMax`. */
  readonly effortEntriesMax?: number
}

/**
 * Search by page. Index lookups give candidates in log order, each is rechecked, and the page ends
 * at its limit, at its bytes, or when the effort of one call is spent. A full page looks
 * ahead for another match, so that the last page says that it is the last.
 */
export function createSearch(options: SearchOptions) {
  const effortMax = options.effortEntriesMax ?? limits.searchEffortEntriesMax
  return {
    async search(request: SearchRequest): Promise<SearchPage> {
      const { limit, bytesMax = limits.pageBytesMax } = request
      const entries: KeptEntry[] = []
      let bytes = 0
      let last: Position | null = null
      const visited = scan(options, { ...request, effortMax, expected: request.limit })
      for await (const { kept, entry } of visited) {
        if (kept === undefined) return { entries, next: last }
        if (entry !== undefined) {
          if (entries.length >= limit || bytes >= bytesMax) {
            return { entries, next: last }
          }
          entries.push(kept)
          bytes += countChars(kept)
        }
        last = { tenant: kept.tenant, index: kept.index, received: kept.received }
      }
      return { entries, next: null }
    },
  }
}

export type Search = ReturnType<typeof createSearch>

export interface ScanRequest {
  readonly tenants: readonly string[]
  readonly query: Query
  readonly order: Direction
  readonly after?: Position | undefined
  readonly effortMax: number
  readonly expected: number
}

/** A candidate, with what it says if it matches; neither where effort ended the scan. */
export interface Visit {
  readonly kept: KeptEntry | undefined
  readonly entry: Searchable | undefined
}

/** A large candidate counts as one more for every so many characters: looking at it takes longer. */
const charsPerEffort = 4_096
/** So does looking for many values or words: each character counts once for every so many. */
const soughtPerEffort = 16

/** How often a character of a candidate counts, for what a query looks for. */
const weigh = ({ terms }: Query): number => {
  const sought = terms.reduce(
    (sum, { field, values }) =>
      values.reduce((all, { text }) => all + (field === undefined ? wordsOf(text).length : 1), sum),
    0,
  )
  return Math.max(1, sought / soughtPerEffort)
}

/** Candidates in order, rechecked, at most `effortMax`; a last empty visit if there are more. */
export async function* scan(
  options: MergeOptions,
  request: ScanRequest,
): AsyncGenerator<Visit, void, undefined> {
  const filter = createFilter(request.query)
  const weight = weigh(request.query)
  let effort = 0
  for await (const kept of mergeCandidates(options, { ...request, after: request.after })) {
    if (effort >= request.effortMax) {
      yield { kept: undefined, entry: undefined }
      return
    }
    effort += 1 + Math.floor((countChars(kept) * weight) / charsPerEffort)
    const entry = toSearchable(kept)
    yield { kept, entry: filter(entry) ? entry : undefined }
  }
}
