import type { Entry } from '@indelible/protocol'
import { type MouseEvent, memo } from 'react'
import { usePreferences } from '../preferences/preferences.tsx'
import { formatInstant, formatTime } from '../time/format.ts'
import { Icon } from '../ui/icon.tsx'
import { type Column, columns, type FieldValue } from './columns.tsx'

interface EventRowProps {
  readonly entry: Entry
  readonly index: number
  readonly top: number
  readonly height: number
  readonly active: boolean
  readonly opened: boolean
  readonly fresh: boolean
  readonly now: number
  readonly onOpen: () => void
  readonly onFilter: (filter: FieldValue, negated: boolean) => void
}

/** One entry. The header is row 1, as assistive technology counts. */
export const EventRow = memo(function EventRow(props: EventRowProps) {
  const { entry, index, top, height, active, opened, fresh, now, onOpen, onFilter } = props
  const { timeStyle } = usePreferences()
  const time = entry.event.time ?? entry.received
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid answers the keys of all its rows
    <div
      role="row"
      className="row"
      aria-rowindex={index + 2}
      aria-selected={opened}
      tabIndex={active ? 0 : -1}
      data-fresh={fresh ? '' : undefined}
      // Through the CSSOM, which the policy allows; a style attribute it would not.
      style={{ transform: `translateY(${top}px)`, height }}
      onClick={onOpen}
    >
      <span role="gridcell" tabIndex={-1} className="cell time">
        <time
          dateTime={time}
          title={`${formatInstant(Date.parse(time), { utc: true, milliseconds: true })} UTC`}
        >
          {formatTime(time, timeStyle, now)}
        </time>
      </span>
      {columns.map((column) => (
        <Cell key={column.id} column={column} entry={entry} onFilter={onFilter} />
      ))}
    </div>
  )
}, isSame)

/** The callbacks do the same for the same entry; the time matters where it is told as so long ago. */
function isSame(one: EventRowProps, other: EventRowProps): boolean {
  return (
    one.entry === other.entry &&
    one.index === other.index &&
    one.top === other.top &&
    one.height === other.height &&
    one.active === other.active &&
    one.opened === other.opened &&
    one.fresh === other.fresh &&
    one.now === other.now &&
    one.onFilter === other.onFilter
  )
}

function Cell(props: {
  readonly column: Column
  readonly entry: Entry
  readonly onFilter: (filter: FieldValue, negated: boolean) => void
}) {
  const { column, entry, onFilter } = props
  const filter = column.filter?.(entry)
  const choose = (negated: boolean) => (event: MouseEvent) => {
    event.stopPropagation()
    if (filter !== undefined) onFilter(filter, negated)
  }
  return (
    <span role="gridcell" tabIndex={-1} className={`cell ${column.id}`}>
      <span className="cell-text">{column.show(entry)}</span>
      {filter === undefined ? null : (
        <span className="cell-tools">
          <button
            type="button"
            tabIndex={-1}
            className="icon-button"
            aria-label={`Only ${filter.field} ${filter.value}`}
            title={`Only ${filter.field}: ${filter.value}`}
            onClick={choose(false)}
          >
            <Icon name="filter" />
          </button>
          <button
            type="button"
            tabIndex={-1}
            className="icon-button"
            aria-label={`Exclude ${filter.field} ${filter.value}`}
            title={`Exclude ${filter.field}: ${filter.value}`}
            onClick={choose(true)}
          >
            <Icon name="minus" />
          </button>
        </span>
      )}
    </span>
  )
}
