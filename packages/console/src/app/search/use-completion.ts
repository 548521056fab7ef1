import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { type Filters, listValues } from '../api/calls.ts'
import { formatNumber } from '../ui/figures.ts'
import { useRested } from '../ui/use-rested.ts'
import { type Completion, completionAt, matchFields } from './completion.ts'
import { splitTerms } from './terms.ts'

export interface Suggestion {
  readonly text: string
  readonly note: string
}

const suggestionsMax = 9
const instants = ['now-15m', 'now-1h', 'now-24h', 'now-7d', 'now-30d', 'now']
/** Values are asked for when typing rests this long. */
const restMs = 120

/** Everything else that is asked for: values are those of the events that are left. */
const othersOf = (q: string, { from }: Completion): string =>
  splitTerms(q)
    .filter(({ start, end, value }) => !(start <= from && from <= end) && value !== '')
    .map(({ text }) => text)
    .join(' ')

/** What could stand at the caret: fields at once, values with their counts from the service. */
export function useCompletion(options: {
  readonly q: string
  readonly caret: number
  readonly active: boolean
  readonly filters: Filters
  readonly learnt: readonly string[]
}): { readonly completion: Completion; readonly suggestions: readonly Suggestion[] } {
  const { q, caret, active, filters, learnt } = options
  const completion = useMemo(() => completionAt(q, caret), [q, caret])
  const field = completion.kind === 'value' ? completion.field : ''
  const isInstant = field === 'since' || field === 'until'
  const request = useRested(
    JSON.stringify({
      ...filters,
      field: isInstant ? '' : field,
      prefix: completion.prefix,
      limit: suggestionsMax,
      q: othersOf(q, completion),
    }),
    restMs,
  )
  const values = useQuery({
    queryKey: ['values', request],
    enabled: active && !request.includes('"field":""'),
    retry: false,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const call = JSON.parse(request) as Parameters<typeof listValues>[0] // as written above
      const { values: found } = await listValues(call, signal)
      // The service names the path of a short form; here it stays as it was typed.
      return { field: call.field, values: found }
    },
  })
  const suggestions = useMemo(() => {
    const { prefix } = completion
    if (completion.kind === 'field') {
      const found = matchFields(prefix, learnt, suggestionsMax)
      return found.map(({ field: name, about }) => ({ text: name, note: about }))
    }
    if (isInstant) return instants.map((text) => ({ text, note: '' }))
    const found = values.data?.field === field ? values.data.values : []
    return found
      .filter(({ value }) => value.startsWith(prefix))
      .map(({ value, count }) => ({ text: value, note: formatNumber(count) }))
  }, [completion, learnt, values.data, field, isInstant])
  return { completion, suggestions }
}
