import type { ReactNode } from 'react'
import { browserStorage } from '../preferences/browser-storage.ts'
import { SavedMenu } from '../saved/saved-menu.tsx'
import { keepColumns, usualColumns } from '../table/chosen-columns.ts'
import { ColumnMenu } from '../table/column-menu.tsx'
import { RangePicker } from '../time/range-picker.tsx'
import type { PartProps } from './events-parts.ts'

/** What stands beside the search field and has a menu. */
export function EventsTools(
  props: Pick<PartProps, 'owner' | 'view' | 'list' | 'change'> & {
    /** Fields of the events at hand. */
    readonly learnt: readonly string[]
    readonly children: ReactNode
  },
) {
  const { owner, view, list, learnt, change, children } = props
  return (
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
      {children}
    </div>
  )
}
