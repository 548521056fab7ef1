import { useCallback, useMemo } from 'react'
import { useLocation, useNavigate } from 'react-router'
import { type EventsView, parseView, paths } from '../paths.ts'

/** What the events page shows, kept in the URL. Opening an entry replaces; searching adds to the history. */
export function useView() {
  const { search } = useLocation()
  const navigate = useNavigate()
  const view = useMemo(() => parseView(new URLSearchParams(search)), [search])
  const change = useCallback(
    (changes: Partial<EventsView>) => {
      // From the URL itself: two changes in one moment must both hold.
      const before = parseView(new URLSearchParams(location.search))
      const onlyOpened = Object.keys(changes).every((name) => name === 'opened')
      const replace = onlyOpened && before.opened !== undefined && changes.opened !== undefined
      void navigate(paths.eventsView({ ...before, ...changes }), { replace })
    },
    [navigate],
  )
  return { view, change }
}
