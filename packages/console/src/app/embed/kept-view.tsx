import { type ReactNode, useCallback, useEffect, useMemo, useState } from 'react'
import type { EventsView } from '../paths.ts'
import { type ViewAccess, ViewContext, type ViewLinkProps } from '../view/view.ts'
import { type Box, useBox } from './box.ts'

/** What the page around it wants searched; the same once more is another wish. */
export interface Wish {
  readonly query: string
}

/**
 * The view as the frame’s own, in no address: the page around it has the address bar, and Back
 * belongs to it.
 */
export function KeptView(props: {
  readonly initial: EventsView
  readonly wish: Box<Wish | undefined>
  readonly children: ReactNode
}) {
  const [view, setView] = useState(props.initial)
  const wish = useBox(props.wish)
  const change = useCallback<ViewAccess['change']>(
    (changed) =>
      setView((before) => ({
        ...before,
        ...(typeof changed === 'function' ? changed(before) : changed),
      })),
    [],
  )
  useEffect(() => {
    if (wish !== undefined) change({ q: wish.query, opened: undefined })
  }, [wish, change])
  const access = useMemo(() => {
    const Link = ({ view: to, className, children }: ViewLinkProps) => (
      <button type="button" className={className} onClick={() => setView(to)}>
        {children}
      </button>
    )
    return { view, change, Link, isEmbedded: true }
  }, [view, change])
  return <ViewContext value={access}>{props.children}</ViewContext>
}
