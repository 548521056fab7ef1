import { limits } from '@indelible/protocol'
import type { Position } from './cursor.ts'
import { overflowFact } from './facts.ts'
import type { MergeOptions } from './merge.ts'
import { planTerms } from './plan.ts'
import type { Query } from './query.ts'
import { scan } from './search.ts'

export interface CountRequest {
  readonly tenant: string
  readonly query: Query
  /** Counts what is older than this, newest first. */
  readonly after?: Position | undefined
  /** Index of the oldest entry that counts. Default: 0. */
  readonly from?: number | undefined
}

export interface Count {
  readonly count: number
  /** Where to go on counting; null when all is counted. */
  readonly next: Position | null
}

export interface CountOptions extends MergeOptions {
  /** Candidates looked at by one call; default `limits.searchEffortEntriesMax`. */
  readonly effortEntriesMax?: number
}

/** How many entries of a log match: by the index where it knows exactly, else by bounded scans. */
export function createCount(options: CountOptions) {
  const effortMax = options.effortEntriesMax ?? limits.searchEffortEntriesMax
  return {
    async count({ tenant, query, after, from = 0 }: CountRequest): Promise<Count> {
      const isWhole = after === undefined && from === 0
      const indexed = isWhole ? await countIndexed(options, tenant, query) : undefined
      if (indexed !== undefined) return { count: indexed, next: null }
      const request = { tenants: [tenant], query, order: 'newest-first', after } as const
      let count = 0
      let last: Position | null = after ?? null
      for await (const { kept, entry } of scan(options, {
        ...{ ...request, effortMax, expected: effortMax },
      })) {
        if (kept === undefined) return { count, next: last }
        if (kept.index < from) break
        if (entry !== undefined) count++
        last = { tenant: kept.tenant, index: kept.index, received: kept.received }
      }
      return { count, next: null }
    },
  }
}

/** Undefined where the index does not answer this query exactly. */
async function countIndexed(
  { store }: CountOptions,
  tenant: string,
  query: Query,
): Promise<number | undefined> {
  const { groups, exact } = planTerms(query)
  const isTimed = query.since !== undefined || query.until !== undefined
  if (!exact || isTimed || groups.length === 0) return undefined
  // Entries with too much in them to index match everything: they must be looked at.
  const cut = await store.countCandidates(tenant, [[overflowFact]])
  if (!cut.exact || cut.count > 0) return undefined
  const found = await store.countCandidates(tenant, groups)
  return found.exact ? found.count : undefined
}
