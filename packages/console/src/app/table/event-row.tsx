import type { Entry } from '@indelible/protocol'
import { lazy, memo, Suspense, useState } from 'react'
import { usePreferences } from '../preferences/preferences.tsx'
import type { Verdict } from '../proof/verdicts.ts'
import { formatInstant, formatTime } from '../time/format.ts'
import { Icon } from '../ui/icon.tsx'
import { visibleText } from '../ui/visible-text.ts'
import type { Column, FieldValue } from './columns.tsx'

/** With the menus, which rows can be read without. */
const RowFilters = lazy(async () => ({ default: (await import('./row-filters.tsx')).RowFilters }))

interface EventRowProps {
  readonly entry: Entry
  readonly columns: readonly Column[]
  readonly index: number
  readonly top: number
  readonly height: number
  readonly active: boolean
  readonly opened: boolean
  readonly fresh: boolean
  /** What this browser found when it verified the entry. */
  readonly verdict: Verdict | undefined
  readonly now: number
  readonly onOpen: () => void
  readonly onFilter: (filter: FieldValue, negated: boolean) => void
}

/** One entry. The header is row 1, as assistive technology counts. */
export const EventRow = memo(function EventRow(props: EventRowProps) {
  const {
    entry,
    columns,
    index,
    top,
    height,
    active,
    opened,
    fresh,
    verdict,
    now,
    onOpen,
    onFilter,
  } = props
  const { timeStyle } = usePreferences()
  const [armed, setArmed] = useState(false)
  const time = entry.event.time ?? entry.received
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid answers the keys of all its rows
    <div
      role="row"
      className="row"
      aria-rowindex={index + 2}
      aria-selected={opened}
      tabIndex={active ? 0 : -1}
      data-verdict={verdict}
      data-fresh={fresh ? '' : undefined}
      // Through the CSSOM, which the policy allows; a style attribute it would not.
      style={{ transform: `translateY(${top}px)`, height }}
      onClick={onOpen}
      onPointerEnter={({ pointerType }) => setArmed(pointerType === 'mouse')}
    >
      <span role="gridcell" tabIndex={-1} className="cell time">
        <time
          dateTime={time}
          title={`${formatInstant(Date.parse(time), { utc: true, milliseconds: true })} UTC`}
        >
          {formatTime(time, timeStyle, now)}
        </time>
        {verdict === undefined ? null : <Mark verdict={verdict} />}
      </span>
      {columns.map(({ id, title, className, show }) => (
        <span
          role="gridcell"
          tabIndex={-1}
          key={id}
          className={`cell ${className}`}
          data-title={className === 'of-field' ? visibleText(title) : undefined}
        >
          <span className="cell-text">{show(entry)}</span>
        </span>
      ))}
      {armed ? (
        <Suspense>
          <RowFilters {...{ entry, columns, onFilter }} />
        </Suspense>
      ) : null}
    </div>
  )
}, isSame)

const Mark = ({ verdict }: { readonly verdict: Verdict }) =>
  verdict === 'verified' ? (
    <span className="mark" title="Verified in this browser since the page was loaded">
      <Icon name="shield" />
      <span className="hidden">verified here</span>
    </span>
  ) : (
    <span className="mark">
      <Icon name="alert" />
      <span className="hidden">this entry failed its check</span>
    </span>
  )

/** The callbacks do the same for the same entry; the time matters where it is told as so long ago. */
function isSame(one: EventRowProps, other: EventRowProps): boolean {
  return (
    one.entry === other.entry &&
    one.columns === other.columns &&
    one.index === other.index &&
    one.top === other.top &&
    one.height === other.height &&
    one.active === other.active &&
    one.opened === other.opened &&
    one.fresh === other.fresh &&
    one.verdict === other.verdict &&
    one.now === other.now &&
    one.onFilter === other.onFilter
  )
}
