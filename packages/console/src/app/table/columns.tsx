import type { Entry } from '@indelible/protocol'
import type { ReactNode } from 'react'
import { visibleText } from '../ui/visible-text.ts'
import { usualColumns } from './chosen-columns.ts'
import { textsAt } from './field-texts.ts'

/** A value of an entry that a filter can name. */
export interface FieldValue {
  readonly field: string
  readonly value: string
}

export interface Column {
  /** Its field, or a short form of one. */
  readonly id: string
  readonly title: string
  /** How its cells look; of what strangers named, the same for all. */
  readonly className: string
  /** Width in pixels at least, and its share of what is left. */
  readonly width: readonly [number, number]
  /** Filter of the cell's value. */
  readonly filter: (entry: Entry) => FieldValue | undefined
  readonly show: (entry: Entry) => ReactNode
}

const named = (one: { readonly name?: string; readonly id: string } | undefined): string =>
  one === undefined ? '' : visibleText(one.name ?? one.id)

const filterBy = (field: string, value: string | undefined): FieldValue | undefined =>
  value === undefined || value === '' ? undefined : { field, value }

const Outcome = ({ outcome }: { readonly outcome: string | undefined }) =>
  outcome === undefined || outcome === 'success' ? (
    <span className="dot success" aria-hidden="true" />
  ) : (
    <>
      <span className={`dot ${outcome}`} aria-hidden="true" />
      <span className={`outcome ${outcome}`}>{outcome}</span>
    </>
  )

function showTargets({ event: { targets = [] } }: Entry): ReactNode {
  const [first] = targets
  if (first === undefined) return <span className="faint">–</span>
  return (
    <>
      {first.type === undefined ? null : <span className="kind">{visibleText(first.type)}</span>}
      <span>{named(first)}</span>
      {targets.length > 1 ? <span className="more">+{targets.length - 1}</span> : null}
    </>
  )
}

function showActor({ event: { actor } }: Entry): ReactNode {
  if (actor === undefined) return <span className="faint">–</span>
  return (
    <>
      <span>{named(actor)}</span>
      {actor.name === undefined ? null : <span className="faint">{visibleText(actor.id)}</span>}
    </>
  )
}

const text = (value: unknown): ReactNode =>
  typeof value === 'string' ? visibleText(value) : <span className="faint">–</span>

type Known = Omit<Column, 'id' | 'className'>

/** Columns that show more than a field's text, or are known to be wide or narrow. */
const known: Readonly<Record<string, Known>> = {
  action: {
    title: 'Action',
    width: [190, 1.5],
    filter: ({ event }) => filterBy('action', event.action),
    show: ({ event }) => (
      <>
        <Outcome outcome={event.outcome} />
        <span className="action">{visibleText(event.action ?? '')}</span>
      </>
    ),
  },
  actor: {
    title: 'Actor',
    width: [130, 1.1],
    filter: ({ event }) => filterBy('actor.id', event.actor?.id),
    show: showActor,
  },
  target: {
    title: 'Target',
    width: [150, 1.3],
    filter: ({ event }) => filterBy('targets.id', event.targets?.[0]?.id),
    show: showTargets,
  },
  source: {
    title: 'Source',
    width: [128, 0],
    filter: ({ event }) => filterBy('source', event.source),
    show: ({ event }) => text(event.source),
  },
  ip: {
    title: 'Address',
    width: [132, 0],
    filter: ({ event }) => filterBy('context.ip', event.context?.ip),
    show: ({ event }) => text(event.context?.ip),
  },
}

/** A value that is longer is none to filter by: queries are short. */
const filterCharsMax = 300

const filterByText = (field: string, value: string | undefined): FieldValue | undefined =>
  value === undefined || value.length > filterCharsMax ? undefined : filterBy(field, value)

const narrowFields: Readonly<Record<string, number>> = { index: 84, outcome: 92, tenant: 120 }

/** A column of any field: the first of its values, and how many more there are. */
const columnOfField = (field: string): Column => ({
  id: field,
  title: field,
  className: 'of-field',
  width: narrowFields[field] === undefined ? [140, 1] : [narrowFields[field], 0],
  filter: (entry) => filterByText(field, textsAt(entry, field)[0]),
  show: (entry) => {
    const [first, ...more] = textsAt(entry, field)
    if (first === undefined) return <span className="faint">–</span>
    return (
      <>
        <span>{visibleText(first)}</span>
        {more.length === 0 ? null : <span className="more">+{more.length}</span>}
      </>
    )
  },
})

/** The column of a field. */
export function columnOf(id: string): Column {
  const found = Object.hasOwn(known, id) ? known[id] : undefined
  return found === undefined ? columnOfField(id) : { ...found, id, className: id }
}

const timeWidth = 172
const gapWidth = 14
const paddingWidth = 32

const widthOf = (columns: readonly Column[]): number =>
  columns.reduce((sum, { width }) => sum + width[0] + gapWidth, timeWidth + paddingWidth)

/** What of a list's width each column takes. */
export interface GridLayout {
  readonly columns: readonly Column[]
  /** As `grid-template-columns` takes it. */
  readonly tracks: string
  /** Where the list is narrower, it scrolls. */
  readonly leastWidth: number
}

/** Of the usual columns as many as the width has room for; what somebody chose is all shown. */
export function layOut(chosen: readonly string[] | undefined, width: number): GridLayout {
  let columns = (chosen ?? usualColumns).map(columnOf)
  while (chosen === undefined && columns.length > 2 && widthOf(columns) > width) {
    columns = columns.slice(0, -1)
  }
  const tracks = columns.map(({ width: [least, share] }) =>
    share === 0 ? `${least}px` : `minmax(${least}px, ${share}fr)`,
  )
  return {
    columns,
    tracks: [`${timeWidth}px`, ...tracks].join(' '),
    leastWidth: widthOf(columns),
  }
}

/** In two lines there is room for three. */
export function layOutCompact(chosen: readonly string[] | undefined): readonly Column[] {
  return (chosen ?? usualColumns.slice(0, 3)).map(columnOf)
}
