import { type ReactNode, useCallback, useEffect, useMemo } from 'react'
import { Link, useLocation, useNavigate } from 'react-router'
import { type EventsView, emptyView, parseView, paths } from '../paths.ts'
import { browserStorage } from '../preferences/browser-storage.ts'
import { readKeptColumns } from '../table/chosen-columns.ts'
import { type ViewAccess, ViewContext, type ViewLinkProps } from '../view/view.ts'

/** The address says all, so that a link shows the same to others; the bare one takes our own columns. */
const readView = (search: string): EventsView =>
  search === ''
    ? { ...emptyView, columns: readKeptColumns(browserStorage) }
    : parseView(new URLSearchParams(search))

/**
 * The view in the URL. Going from entry to entry, and columns, replace it; searching adds to the
 * history.
 */
export function RoutedView({ children }: { readonly children: ReactNode }) {
  const { search } = useLocation()
  const navigate = useNavigate()
  const change = useCallback<ViewAccess['change']>(
    (changed) => {
      // From the URL itself: two changes in one moment must both hold.
      const before = parseView(new URLSearchParams(location.search))
      const changes = typeof changed === 'function' ? changed(before) : changed
      const only = (wanted: keyof EventsView) =>
        Object.keys(changes).every((name) => name === wanted)
      const goesOn = before.opened !== undefined && changes.opened !== undefined
      const replace = (only('opened') && goesOn) || only('columns')
      void navigate(paths.eventsView({ ...before, ...changes }), { replace })
    },
    [navigate],
  )
  const view = useMemo(() => readView(search), [search])
  useEffect(() => {
    if (search !== '' || view.columns === undefined) return
    void navigate(paths.eventsView(view), { replace: true })
  }, [search, view, navigate])
  const access = useMemo(
    () => ({ view, change, isEmbedded: false, Link: RoutedLink }),
    [view, change],
  )
  return <ViewContext value={access}>{children}</ViewContext>
}

const RoutedLink = ({ view, className, children }: ViewLinkProps) => (
  <Link className={className} to={paths.eventsView(view)}>
    {children}
  </Link>
)
