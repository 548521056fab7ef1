import type { Entry } from '@indelible/protocol'
import type { ReactNode } from 'react'
import { visibleText } from '../ui/visible-text.ts'

/** A value of an entry that a filter can name. */
export interface FieldValue {
  readonly field: string
  readonly value: string
}

export interface Column {
  readonly id: string
  readonly title: string
  /** Filter of the cell's value; none for times. */
  readonly filter?: (entry: Entry) => FieldValue | undefined
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

/** Behind the time, which every row begins with. */
export const columns: readonly Column[] = [
  {
    id: 'action',
    title: 'Action',
    filter: ({ event }) => filterBy('action', event.action),
    show: ({ event }) => (
      <>
        <Outcome outcome={event.outcome} />
        <span className="action">{visibleText(event.action ?? '')}</span>
      </>
    ),
  },
  {
    id: 'actor',
    title: 'Actor',
    filter: ({ event }) => filterBy('actor.id', event.actor?.id),
    show: showActor,
  },
  {
    id: 'target',
    title: 'Target',
    filter: ({ event }) => filterBy('targets.id', event.targets?.[0]?.id),
    show: showTargets,
  },
  {
    id: 'source',
    title: 'Source',
    filter: ({ event }) => filterBy('source', event.source),
    show: ({ event }) => text(event.source),
  },
  {
    id: 'ip',
    title: 'Address',
    filter: ({ event }) => filterBy('context.ip', event.context?.ip),
    show: ({ event }) => text(event.context?.ip),
  },
]
