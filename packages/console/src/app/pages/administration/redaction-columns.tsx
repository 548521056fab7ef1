import type { RedactionRuleInfo } from '@indelible/protocol'
import type { Column } from '../../ui/data-table.tsx'
import { Instant } from '../../ui/instant.tsx'
import { visibleText } from '../../ui/visible-text.ts'

const actions = {
  mask: 'Masks it',
  hash: 'Masks it, equal values alike',
  drop: 'Drops it',
} as const

const nameColumn: Column<RedactionRuleInfo> = {
  title: 'Name',
  cell: ({ name, state }) => (
    <>
      {name} {state === 'overruled' ? <span className="badge denied">Overruled</span> : null}
    </>
  ),
}
const findsColumn: Column<RedactionRuleInfo> = {
  title: 'Looks for',
  cell: (rule) => <Finds rule={rule} />,
}
const doesColumn: Column<RedactionRuleInfo> = {
  title: 'Does',
  cell: ({ action }) => actions[action],
}

export const ownColumns = [
  nameColumn,
  findsColumn,
  doesColumn,
  {
    title: 'Changed',
    cell: ({ changed, changedBy }: RedactionRuleInfo) => (
      <Changed changed={changed} by={changedBy} />
    ),
  },
] as const
export const fileColumns = [nameColumn, findsColumn, doesColumn] as const
export const builtInColumns = [
  nameColumn,
  { title: 'Looks for', cell: ({ description }: RedactionRuleInfo) => description },
  { title: 'State', cell: (rule: RedactionRuleInfo) => State(rule) },
] as const

/** What a rule finds, in words and as it is written. */
function Finds({ rule }: { readonly rule: RedactionRuleInfo }) {
  // `key` as a property of its own would be React's.
  const { key, pattern, paths, state } = rule
  return (
    <>
      {key === undefined ? null : <Find words="Fields named" texts={[key]} />}
      {pattern === undefined ? null : <Find words="Texts like" texts={[pattern]} />}
      {paths === undefined ? null : <Find words="The places" texts={paths} />}
      {state === 'overruled' ? (
        <div className="faint">
          The service’s file has a rule of this name, which holds instead.
        </div>
      ) : null}
    </>
  )
}

const Find = ({ words, texts }: { readonly words: string; readonly texts: readonly string[] }) => (
  <div className="redaction-find">
    {words}{' '}
    {texts.map((text) => (
      <code key={text}>{visibleText(text)}</code>
    ))}
  </div>
)

const Changed = (props: { readonly changed: string | null; readonly by: string | null }) => (
  <>
    <Instant time={props.changed} />
    {props.by === null ? null : <div className="faint">by {visibleText(props.by)}</div>}
  </>
)

function State({ state, switchedOffBy, changed, changedBy }: RedactionRuleInfo) {
  if (state === 'on') return <span className="badge success">On</span>
  return (
    <>
      <span className="badge denied">Off</span>
      <div className="faint">
        {switchedOffBy === 'file' ? (
          'by the service’s file'
        ) : (
          <Changed changed={changed} by={changedBy} />
        )}
      </div>
    </>
  )
}
