import type { Entry } from '@indelible/protocol'
import { type ComponentType, lazy, Suspense, useCallback, useMemo } from 'react'
import type { Filters } from '../api/calls.ts'
import { codeOf, columnOf } from '../api/problem.ts'
import { DetailsRegion } from '../details/details-region.tsx'
import { FilterContext } from '../details/value.tsx'
import { formatAddress } from '../paths.ts'
import { usePreferences } from '../preferences/preferences.tsx'
import { LogAlarm } from '../proof/log-watch.tsx'
import { useVerdicts } from '../proof/verdicts.ts'
import type { SearchFault } from '../search/search-box.tsx'
import { addFilter } from '../search/terms.ts'
import type { FieldValue } from '../table/columns.tsx'
import { EventGrid, keyOf } from '../table/event-grid.tsx'
import { useList } from '../table/use-list.ts'
import type { Range } from '../time/range.ts'
import { useHistogram } from '../time/use-histogram.ts'
import { useNow } from '../time/use-now.ts'
import { narrowScreen, useMedia } from '../ui/use-size.ts'
import { useTitle } from '../ui/use-title.ts'
import { useView } from '../view/view.ts'
import type { PartProps } from './events-parts.ts'
import { GridFoot, ListState } from './events-states.tsx'
import { SearchBar } from './search-bar.tsx'
import './events.css'

/** By itself: the list need not wait for the plotting library. */
const Histogram = lazy(async () => ({
  default: (await import('../time/histogram.tsx')).Histogram,
}))

/** What is opened needs menus and the trust kernel: it comes behind the list. */
const OpenedEvent = lazy(async () => ({
  default: (await import('../details/opened-event.tsx')).OpenedEvent,
}))

/** The one log there is; with several, all of them. Our own log must be named. */
function usualTenant(tenants: readonly string[]): string {
  const own = tenants.filter((tenant) => !tenant.startsWith('_'))
  return own.length === 1 && own[0] !== undefined ? own[0] : '*'
}

/** What stands above the events: the console's bar, or less. */
export interface EventsHeadProps {
  readonly tenant: string
  readonly tenants: readonly string[]
  readonly onTenant: (tenant: string) => void
}

/**
 * The events of some logs: what is asked for is in the view, and everything here follows from it.
 * The console's page, and the viewer's.
 */
export function Events(props: {
  readonly tenants: readonly string[]
  /** Whether the caller has the scope for it. */
  readonly mayExport?: boolean
  /** Whose searches this browser keeps; left out, it keeps none. */
  readonly owner?: string
  readonly Head: ComponentType<EventsHeadProps>
}) {
  const { tenants, mayExport = false, owner, Head } = props
  const { view, change } = useView()
  useTitle(view.q === '' ? 'Events' : view.q)
  const tenant = view.tenant ?? usualTenant(tenants)
  const { q, since, until, opened, live } = view
  const filters = useMemo<Filters>(
    () => ({ tenant, q: q === '' ? undefined : q, since, until }),
    [tenant, q, since, until],
  )
  const list = useList(filters, live && tenants.length > 0)
  const onFilter = useCallback(
    ({ field, value }: FieldValue, negated: boolean) => {
      change((before) => ({ q: addFilter(before.q, field, value, negated) }))
    },
    [change],
  )
  const onClose = useCallback(() => change({ opened: undefined }), [change])
  const onTenant = (name: string) => change({ tenant: name, opened: undefined })
  const covers = useMedia(narrowScreen)
  const fault = faultOf(list.pages.error)
  const parts = { view, filters, list, tenants, mayExport, owner, fault, change, onFilter, onClose }
  return (
    <FilterContext value={onFilter}>
      <div className="page">
        <div className="page-main" inert={covers && opened !== undefined}>
          <Head tenant={tenant} tenants={tenants} onTenant={onTenant} />
          <LogAlarm tenants={tenant === '*' ? tenants : [tenant]} />
          <main className="events">
            <h1 className="hidden">Events</h1>
            <SearchBar {...parts} />
            {fault === undefined ? <Counts {...parts} /> : null}
            <List {...parts} />
          </main>
        </div>
        {opened === undefined ? null : (
          <DetailsRegion covers={covers} onClose={onClose}>
            <Suspense fallback={<div className="details-wait" aria-busy="true" />}>
              <OpenedEvent address={opened} entries={list.entries} onClose={onClose} />
            </Suspense>
          </DetailsRegion>
        )}
      </div>
    </FilterContext>
  )
}

const faultOf = (error: Error | null): SearchFault | undefined =>
  error === null || codeOf(error) !== 'query-invalid'
    ? undefined
    : { detail: error.message, column: columnOf(error) }

const countMs = 5_000

function Counts({ view, filters, list, change }: PartProps) {
  // Behind the rows: counting keeps a reader of the service busy that they would wait for.
  const enabled = list.pages.isSuccess && !list.pages.isPlaceholderData
  const { data } = useHistogram(filters, { refetchMs: view.live ? countMs : false, enabled })
  const onRange = useCallback(
    ({ since, until }: Range) => change({ since, until, live: false }),
    [change],
  )
  if (data === undefined || data.buckets.every(({ count }) => count === 0)) return null
  return (
    <Suspense fallback={<div className="histogram-wait" />}>
      <Histogram {...data} onRange={onRange} />
    </Suspense>
  )
}

function List({ list, view, filters, fault, change, onFilter, onClose }: PartProps) {
  const { pages, entries, fresh } = list
  const verdictOf = useVerdicts()
  const now = useNow(usePreferences().timeStyle === 'relative')
  const onOpen = useCallback(
    ({ tenant, event }: Entry) => change({ opened: { tenant, id: event.id } }),
    [change],
  )
  if (pages.isPending || pages.isError || (entries.length === 0 && !pages.hasNextPage)) {
    return (
      <ListState pages={pages} filters={filters} faulty={fault !== undefined} change={change} />
    )
  }
  return (
    <EventGrid
      // Another search begins at its newest.
      key={JSON.stringify(filters)}
      busy={pages.isPlaceholderData}
      entries={entries}
      chosen={view.columns}
      openedKey={view.opened === undefined ? undefined : formatAddress(view.opened)}
      isNew={(entry) => fresh.has(keyOf(entry))}
      verdictOf={verdictOf}
      now={now}
      onOpen={onOpen}
      onClose={onClose}
      onFilter={onFilter}
      onEnd={list.onEnd}
      foot={
        <GridFoot
          pages={pages}
          count={entries.length}
          tired={list.tired}
          isCut={list.isCut}
          onGoOn={list.goOn}
        />
      }
    />
  )
}
