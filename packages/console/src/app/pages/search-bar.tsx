import { useQueryClient } from '@tanstack/react-query'
import { lazy, Suspense, useMemo } from 'react'
import { ExportButton } from '../export/export-button.tsx'
import { Chips } from '../search/chips.tsx'
import { learnFields } from '../search/completion.ts'
import { SearchBox } from '../search/search-box.tsx'
import { logsKey } from '../session/session.ts'
import type { PartProps } from './events-parts.ts'
import { LiveButton } from './live-button.tsx'

/** With the menus, 50 KB: a search can be typed, and its events read, before they are there. */
const EventsTools = lazy(async () => ({
  default: (await import('./events-tools.tsx')).EventsTools,
}))

/** What is asked for, and what can be done with all of it. */
export function SearchBar(props: PartProps) {
  const { view, filters, list, tenants, mayExport, owner, fault, change } = props
  const { q, live, until } = view
  const learnt = useMemo(
    () => learnFields(list.entries.slice(0, 100).map(({ event }) => event)),
    [list.entries],
  )
  const client = useQueryClient()
  const onRun = (text: string) => {
    // The same search again asks again; another one does not ask for the former once more.
    const refetchType = text === q ? 'active' : 'none'
    for (const queryKey of [['events'], ['histogram'], logsKey]) {
      void client.invalidateQueries({ queryKey, refetchType })
    }
    change({ q: text })
  }
  return (
    <div className="events-bar">
      <SearchBox q={q} filters={filters} learnt={learnt} fault={fault} onRun={onRun} />
      <Suspense fallback={<div className="events-tools" aria-busy="true" />}>
        <EventsTools {...{ owner, view, list, learnt, change }}>
          {mayExport && tenants.length > 0 ? <ExportButton filters={filters} /> : null}
          <LiveButton
            active={live}
            status={list.status}
            disabled={until !== undefined || tenants.length === 0}
            onToggle={() => change({ live: !live })}
          />
        </EventsTools>
      </Suspense>
      <Chips q={q} onRun={onRun} />
    </div>
  )
}
