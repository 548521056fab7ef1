import { type ComponentType, createContext, type ReactNode, use } from 'react'
import type { EventsView } from '../paths.ts'

type Changes = Partial<EventsView>

/** What the events page shows, and how it changes: in the console the URL, in the viewer its own. */
export interface ViewAccess {
  readonly view: EventsView
  /** With a function, by what is shown at that moment: two changes in one moment both hold. */
  readonly change: (changes: Changes | ((before: EventsView) => Changes)) => void
  /** In another site's page, for somebody who has no account here. */
  readonly isEmbedded: boolean
  /** Leads to another view. */
  readonly Link: ComponentType<ViewLinkProps>
}

export interface ViewLinkProps {
  readonly view: EventsView
  readonly className: string
  readonly children: ReactNode
}

export const ViewContext = createContext<ViewAccess | undefined>(undefined)

export function useView(): ViewAccess {
  const access = use(ViewContext)
  if (access === undefined) throw new Error('There is no ViewContext.')
  return access
}
