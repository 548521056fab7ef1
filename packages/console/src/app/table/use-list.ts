import { useCallback, useState } from 'react'
import type { Filters } from '../api/calls.ts'
import { useEvents } from './use-events.ts'
import { useLive } from './use-live.ts'

/** What over all logs would take a stream each is asked for again instead. */
const pollMs = 2_000

/** The list that a search gives, and while it is followed what comes. */
export function useList(filters: Filters, live: boolean) {
  const spansAll = filters.tenant === '*'
  const [openings, setOpenings] = useState(0)
  const onOpen = useCallback(() => setOpenings((count) => count + 1), [])
  const stream = useLive(filters, { active: live && !spansAll, onOpen })
  const events = useEvents(filters, {
    live: stream.entries,
    refetchMs: live && spansAll ? pollMs : false,
    openings,
  })
  const status = live && spansAll ? ('live' as const) : stream.status
  return { ...events, status, live: stream.entries }
}
