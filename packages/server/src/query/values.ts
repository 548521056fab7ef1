import { limits } from '@indelible/protocol'
import { shortForms } from './fields.ts'
import type { MergeOptions } from './merge.ts'
import type { Query } from './query.ts'
import { scan } from './search.ts'
import { increment, textsAt } from './tally.ts'

export interface ValuesRequest {
  readonly tenants: readonly string[]
  /** Dotted path or short form. */
  readonly field: string
  readonly query: Query
  /** Only values that begin with it. */
  readonly prefix?: string | undefined
  readonly limit: number
}

export interface FieldValues {
  readonly field: string
  /** False if older entries were left out at the effort bound. */
  readonly complete: boolean
  readonly values: readonly { readonly value: string; readonly count: number }[]
}

export interface ValuesOptions extends MergeOptions {
  readonly effortEntriesMax?: number
}

/**
 * Distinct values of a field among matches, most frequent first, then by text; each counts once an
 * entry. From a bounded scan of the newest.
 */
export function createValues(options: ValuesOptions) {
  return {
    async values({
      tenants,
      field,
      query,
      prefix = '',
      limit,
    }: ValuesRequest): Promise<FieldValues> {
      const path = shortForms.get(field) ?? field
      const effortMax = options.effortEntriesMax ?? limits.searchEffortEntriesMax
      const counts = new Map<string, number>()
      const request = {
        tenants,
        query,
        order: 'newest-first',
        effortMax,
        expected: effortMax,
      } as const
      let complete = true
      for await (const { kept, entry } of scan(options, request)) {
        if (kept === undefined) complete = false
        if (entry === undefined) continue
        for (const text of textsAt(entry, path)) {
          if (text.startsWith(prefix)) increment(counts, text)
        }
      }
      const values = Array.from(counts, ([value, count]) => ({ value, count }))
      values.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
      return { field: path, complete, values: values.slice(0, Math.min(limit, limits.valuesMax)) }
    },
  }
}
