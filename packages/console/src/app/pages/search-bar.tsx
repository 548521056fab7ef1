import { useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import { ExportButton } from '../export/export-button.tsx'
import { browserStorage } from '../preferences/browser-storage.ts'
import { SavedMenu } from '../saved/saved-menu.tsx'
import { Chips } from '../search/chips.tsx'
import { learnFields } from '../search/completion.ts'
import { SearchBox } from '../search/search-box.tsx'
import { keepColumns, usualColumns } from '../table/chosen-columns.ts'
import { ColumnMenu } from '../table/column-menu.tsx'
import { RangePicker } from '../time/range-picker.tsx'
import type { PartProps } from './events-parts.ts'
import { LiveButton } from './live-button.tsx'

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
    for (const queryKey of [['events'], ['histogram'], ['logs']]) {
      void client.invalidateQueries({ queryKey, refetchType })
    }
    change({ q: text })
  }
  return (
    <div className="events-bar">
      <SearchBox q={q} filters={filters} learnt={learnt} fault={fault} onRun={onRun} />
      <div className="events-tools">
        {owner === undefined ? null : (
          <SavedMenu
            owner={owner}
            view={view}
            isAnswered={list.pages.isSuccess && !list.pages.isPlaceholderData}
            change={change}
          />
        )}
        <RangePicker
          range={view}
          onRange={(range) => change({ since: range.since, until: range.until })}
        />
        <ColumnMenu
          chosen={view.columns}
          learnt={learnt}
          onChange={(choose) =>
            change((before) => {
              const columns = choose(before.columns ?? usualColumns)
              keepColumns(columns, browserStorage)
              return { columns }
            })
          }
        />
        {mayExport && tenants.length > 0 ? <ExportButton filters={filters} /> : null}
        <LiveButton
          active={live}
          status={list.status}
          disabled={until !== undefined || tenants.length === 0}
          onToggle={() => change({ live: !live })}
        />
      </div>
      <Chips q={q} onRun={onRun} />
    </div>
  )
}
