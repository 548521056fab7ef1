import type { Entry } from '@indelible/protocol'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo } from 'react'
import { type Filters, searchEvents } from '../api/calls.ts'
import { mergeLive } from './merge-live.ts'

const pageEntries = 100
/** Pages without a hit that are asked for unasked: beyond them, whoever searches says so. */
const emptyPagesMax = 8

/** Pages of a search, newest first, and what came live since, each entry once. */
export function useEvents(
  filters: Filters,
  options: {
    readonly live: readonly Entry[]
    /** So much came live that it no longer reaches back to what was found before. */
    readonly isCut: boolean
    /** How often a stream was opened: each time, the list is read again. */
    readonly openings: number
  },
) {
  const pages = useInfiniteQuery({
    queryKey: ['events', filters],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam: cursor, signal }) =>
      searchEvents({ ...filters, cursor, limit: pageEntries }, signal),
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: keepPreviousData,
  })
  const { data, hasNextPage, isFetching, isError, fetchNextPage, refetch } = pages
  useEffect(() => {
    if (options.openings > 0) void refetch()
  }, [options.openings, refetch])
  const found = useMemo(() => data?.pages.flatMap(({ entries }) => entries) ?? [], [data])
  const { live, isCut } = options
  const entries = useMemo(() => (isCut ? live : mergeLive(live, found)), [live, isCut, found])
  const trailing = data?.pages.slice(-emptyPagesMax) ?? []
  const tired =
    trailing.length === emptyPagesMax && trailing.every((page) => page.entries.length === 0)
  const goOn = useCallback(() => {
    if (hasNextPage && !isFetching && !isError) void fetchNextPage()
  }, [hasNextPage, isFetching, isError, fetchNextPage])
  const onEnd = useCallback(() => {
    if (!tired && !isCut) goOn()
  }, [tired, isCut, goOn])
  return { pages, entries, tired, goOn, onEnd }
}
