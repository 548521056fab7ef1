import type { Entry } from '@indelible/protocol'
import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual'
import {
  type CSSProperties,
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import { formatAddress } from '../paths.ts'
import type { Verdict } from '../proof/verdicts.ts'
import { useWidth } from '../ui/use-size.ts'
import { visibleText } from '../ui/visible-text.ts'
import { type Column, type FieldValue, layOut, layOutCompact } from './columns.tsx'
import { EventRow } from './event-row.tsx'
import './event-grid.css'

interface EventGridProps {
  /** These still are the rows of the search before. */
  readonly busy: boolean
  readonly entries: readonly Entry[]
  /** Fields of the columns, where somebody chose them. */
  readonly chosen?: readonly string[] | undefined
  readonly openedKey: string | undefined
  /** Entries that came while one looked on. */
  readonly isNew: (entry: Entry) => boolean
  /** What this browser found when it verified an entry. */
  readonly verdictOf?: (entry: Entry) => Verdict | undefined
  readonly now: number
  readonly onOpen: (entry: Entry) => void
  readonly onClose: () => void
  readonly onFilter: (filter: FieldValue, negated: boolean) => void
  /** The end of what is loaded comes into view. */
  readonly onEnd: () => void
  /** What stands below the last row. */
  readonly foot: ReactNode
}

/** Below this width a row takes two lines or more: what and when, then two columns each. */
const compactBelow = 640
const wideRowHeight = 36
const compactRowHeight = (columns: number): number => 16 + 24 * (1 + Math.ceil((columns - 1) / 2))

export const keyOf = ({ tenant, event }: Entry): string => formatAddress({ tenant, id: event.id })

/**
 * The list, of any length: only the rows in view are in the page. One row is the grid's place in
 * the order of tabs; arrows move it, Enter opens it, and while one is open it follows.
 */
export function EventGrid(props: EventGridProps) {
  const { entries, openedKey, foot } = props
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null)
  const { columns, compact, style } = useLayout(props.chosen, useWidth(scroller))
  const height = compact ? compactRowHeight(columns.length) : wideRowHeight
  const headHeight = compact ? 0 : wideRowHeight
  const { active, rows, setActive, onKey } = useRows(props, scroller, { height, headHeight })
  return (
    <div className="grid-scroll" ref={setScroller} data-compact={compact ? '' : undefined}>
      <div
        role="grid"
        className="grid"
        aria-label="Events"
        aria-busy={props.busy}
        aria-rowcount={-1}
        tabIndex={-1}
        style={style}
        onKeyDown={onKey}
      >
        <div className="grid-head" role="row" tabIndex={-1} aria-rowindex={1}>
          <span role="columnheader" tabIndex={-1} className="cell time">
            Time
          </span>
          {columns.map(({ id, title, className }) => (
            <span role="columnheader" tabIndex={-1} className={`cell ${className}`} key={id}>
              <span className="cell-text">
                <span title={visibleText(title)}>{visibleText(title)}</span>
              </span>
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
                columns={columns}
                index={index}
                top={start}
                height={size}
                active={index === active}
                opened={keyOf(entry) === openedKey}
                fresh={props.isNew(entry)}
                verdict={props.verdictOf?.(entry)}
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

function useLayout(chosen: readonly string[] | undefined, width: number) {
  const compact = width < compactBelow
  // Every change of the address reads them anew.
  const key = JSON.stringify(chosen)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says it all
  const wide = useMemo(() => layOut(chosen, width), [key, width])
  // biome-ignore lint/correctness/useExhaustiveDependencies: as above
  const narrow = useMemo(() => layOutCompact(chosen), [key])
  const { tracks, leastWidth } = wide
  const style = useMemo(
    () =>
      // React's type knows no variables; it sets them through the CSSOM.
      ({ '--tracks': tracks, '--least-width': `${leastWidth}px` }) as CSSProperties,
    [tracks, leastWidth],
  )
  const columns: readonly Column[] = compact ? narrow : wide.columns
  return { columns, compact, style: compact ? undefined : style }
}

function useRows(
  props: EventGridProps,
  scroller: HTMLDivElement | null,
  { height: size, headHeight }: { readonly height: number; readonly headHeight: number },
) {
  const { entries, openedKey, onEnd } = props
  const [active, setActive] = useState(0)
  const rows = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller,
    estimateSize: () => size,
    overscan: 12,
    // The header stays in view above the rows.
    scrollPaddingStart: headHeight,
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
