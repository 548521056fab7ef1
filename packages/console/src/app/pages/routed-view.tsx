import { type ReactNode, useCallback, useMemo } from 'react'
import { Link, useLocation, useNavigate } from 'react-router'
import { parseView, paths } from '../paths.ts'
import { type ViewAccess, ViewContext, type ViewLinkProps } from '../view/view.ts'

/** The view in the URL. Opening an entry replaces; searching adds to the history. */
export function RoutedView({ children }: { readonly children: ReactNode }) {
  const { search } = useLocation()
  const navigate = useNavigate()
  const change = useCallback<ViewAccess['change']>(
    (changed) => {
      // From the URL itself: two changes in one moment must both hold.
      const before = parseView(new URLSearchParams(location.search))
      const changes = typeof changed === 'function' ? changed(before) : changed
      const onlyOpened = Object.keys(changes).every((name) => name === 'opened')
      const replace = onlyOpened && before.opened !== undefined && changes.opened !== undefined
      void navigate(paths.eventsView({ ...before, ...changes }), { replace })
    },
    [navigate],
  )
  const access = useMemo(
    () => ({ view: parseView(new URLSearchParams(search)), change, Link: RoutedLink }),
    [search, change],
  )
  return <ViewContext value={access}>{children}</ViewContext>
}

const RoutedLink = ({ view, className, children }: ViewLinkProps) => (
  <Link className={className} to={paths.eventsView(view)}>
    {children}
  </Link>
)
