import type { Entry } from '@indelible/protocol'
import { useCallback, useEffect, useMemo, useState } from 'react'
import type { Filters } from '../api/calls.ts'
import { keyOf } from './event-grid.tsx'
import { useEvents } from './use-events.ts'
import { liveEntriesMax, useLive } from './use-live.ts'
import { useLivePoll } from './use-live-poll.ts'

const none: readonly Entry[] = []

/** The list that a search gives, and while it is followed what comes. */
export function useList(filters: Filters, live: boolean) {
  const spansAll = filters.tenant === '*'
  const [openings, setOpenings] = useState(0)
  const onOpen = useCallback(() => setOpenings((count) => count + 1), [])
  const stream = useLive(filters, { active: live && !spansAll, onOpen })
  const polled = useLivePoll(filters, { active: live && spansAll, onOpen })
  const { entries: came, status } = spansAll ? polled : stream
  const isFull = came.length >= liveEntriesMax
  const isCut = isFull && live
  useEffect(() => {
    if (isFull && !live) onOpen()
  }, [isFull, live, onOpen])
  const events = useEvents(filters, { live: isFull && !live ? none : came, isCut, openings })
  const freshCount = spansAll ? polled.freshCount : came.length
  const fresh = useMemo(() => new Set(came.slice(0, freshCount).map(keyOf)), [came, freshCount])
  return { ...events, status, fresh, isCut }
}
