import type { Entry } from '@indelible/protocol'
import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { formatAddress } from '../paths.ts'
import { useWidth } from '../ui/use-size.ts'
import { columns, type FieldValue } from './columns.tsx'
import { EventRow } from './event-row.tsx'
import './event-grid.css'

interface EventGridProps {
  /** These still are the rows of the search before. */
  readonly busy: boolean
  readonly entries: readonly Entry[]
  readonly openedKey: string | undefined
  /** Entries that came while one looked on. */
  readonly isNew: (entry: Entry) => boolean
  readonly now: number
  readonly onOpen: (entry: Entry) => void
  readonly onClose: () => void
  readonly onFilter: (filter: FieldValue, negated: boolean) => void
  /** The end of what is loaded comes into view. */
  readonly onEnd: () => void
  /** What stands below the last row. */
  readonly foot: ReactNode
}

/** Below this width a row takes two lines. */
const compactBelow = 640
const rowHeights = { wide: 36, compact: 64 } as const

export const keyOf = ({ tenant, event }: Entry): string => formatAddress({ tenant, id: event.id })

/**
 * The list, of any length: only the rows in view are in the page. One row is the grid's place in
 * the order of tabs; arrows move it, Enter opens it, and while one is open it follows.
 */
export function EventGrid(props: EventGridProps) {
  const { entries, openedKey, foot } = props
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null)
  const compact = useWidth(scroller) < compactBelow
  const { active, rows, setActive, onKey } = useRows(props, scroller, compact)
  return (
    <div className="grid-scroll" ref={setScroller} data-compact={compact ? '' : undefined}>
      <div
        role="grid"
        className="grid"
        aria-label="Events"
        aria-busy={props.busy}
        aria-rowcount={-1}
        tabIndex={-1}
        onKeyDown={onKey}
      >
        <div className="grid-head" role="row" tabIndex={-1} aria-rowindex={1}>
          <span role="columnheader" tabIndex={-1} className="cell time">
            Time
          </span>
          {columns.map(({ id, title }) => (
            <span role="columnheader" tabIndex={-1} className={`cell ${id}`} key={id}>
              {title}
            </span>
          ))}
        </div>
        <div className="grid-body" role="rowgroup" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map(({ index, start, size }) => {
            const entry = entries[index]
            if (entry === undefined) return null
            return (
              <EventRow
                key={keyOf(entry)}
                entry={entry}
                index={index}
                top={start}
                height={size}
                active={index === active}
                opened={keyOf(entry) === openedKey}
                fresh={props.isNew(entry)}
                now={props.now}
                onOpen={() => {
                  setActive(index)
                  props.onOpen(entry)
                }}
                onFilter={props.onFilter}
              />
            )
          })}
        </div>
      </div>
      <div className="grid-foot">{foot}</div>
    </div>
  )
}

function useRows(props: EventGridProps, scroller: HTMLDivElement | null, compact: boolean) {
  const { entries, openedKey, onEnd } = props
  const [active, setActive] = useState(0)
  const size = compact ? rowHeights.compact : rowHeights.wide
  const rows = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller,
    estimateSize: () => size,
    overscan: 12,
    // The header stays in view above the rows.
    scrollPaddingStart: compact ? 0 : rowHeights.wide,
    // The row with the focus stays in the page, wherever one scrolls to.
    rangeExtractor: (range) => {
      const inView = defaultRangeExtractor(range)
      return active < entries.length && !inView.includes(active)
        ? [...inView, active].sort((one, other) => one - other)
        : inView
    },
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows is the same object throughout
  useEffect(() => rows.measure(), [size])
  const last = rows.getVirtualItems().at(-1)?.index ?? -1
  useEffect(() => {
    if (last >= entries.length - 20) onEnd()
  }, [last, entries.length, onEnd])
  useEffect(() => {
    const index = entries.findIndex((entry) => keyOf(entry) === openedKey)
    if (index >= 0) setActive(index)
  }, [entries, openedKey])
  const onKey = useRowKeys({ ...props, active, setActive, show: (at) => rows.scrollToIndex(at) })
  return { active, rows, setActive, onKey }
}

const pageRows = 12

function useRowKeys(
  options: EventGridProps & {
    readonly active: number
    readonly setActive: (index: number) => void
    readonly show: (index: number) => void
  },
) {
  const { entries, active, setActive, show, openedKey, onOpen, onClose } = options
  const frame = useRef(0)
  const move = (grid: Element, to: number) => {
    const index = Math.max(0, Math.min(entries.length - 1, to))
    const entry = entries[index]
    if (entry === undefined) return
    setActive(index)
    show(index)
    if (openedKey !== undefined) onOpen(entry)
    cancelAnimationFrame(frame.current)
    frame.current = requestAnimationFrame(() => {
      grid.querySelector<HTMLElement>(`[aria-rowindex="${index + 2}"]`)?.focus()
    })
  }
  return (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: active + 1,
      j: active + 1,
      ArrowUp: active - 1,
      k: active - 1,
      PageDown: active + pageRows,
      PageUp: active - pageRows,
      Home: 0,
      End: entries.length - 1,
    }
    const to = steps[event.key]
    const entry = entries[active]
    if (to !== undefined) move(event.currentTarget, to)
    else if (event.key === 'Enter' && entry !== undefined && isRow(event.target)) onOpen(entry)
    else if (event.key === 'Escape' && openedKey !== undefined) onClose()
    else return
    event.preventDefault()
  }
}

const isRow = (target: EventTarget): boolean =>
  target instanceof Element && target.getAttribute('role') === 'row'
