import type { RedactionRuleInfo } from '@indelible/protocol'
import type { Columns } from '../../ui/data-table.tsx'
import { visibleText } from '../../ui/visible-text.ts'
import { Made } from './names.tsx'

const actions = {
  mask: 'Masks it',
  hash: 'Masks it, equal values alike',
  drop: 'Drops it',
} as const

export const fileColumns: Columns<RedactionRuleInfo> = [
  {
    title: 'Name',
    cell: ({ name, state }) => (
      <>
        {name} {state === 'overruled' ? <span className="badge denied">Overruled</span> : null}
      </>
    ),
  },
  { title: 'Looks for', cell: (rule) => <Finds rule={rule} /> },
  { title: 'Does', cell: ({ action }) => actions[action] },
]
export const ownColumns: Columns<RedactionRuleInfo> = [
  ...fileColumns,
  { title: 'Changed', cell: ({ changed, changedBy }) => <Made time={changed} by={changedBy} /> },
]
export const builtInColumns: Columns<RedactionRuleInfo> = [
  fileColumns[0],
  { title: 'Looks for', cell: ({ description }) => description },
  { title: 'State', cell: State },
]

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

function State({ state, switchedOffBy, changed, changedBy }: RedactionRuleInfo) {
  if (state === 'on') return <span className="badge success">On</span>
  return (
    <>
      <span className="badge denied">Off</span>
      <div className="faint">
        {switchedOffBy === 'file' ? (
          'by the service’s file'
        ) : (
          <Made time={changed} by={changedBy} />
        )}
      </div>
    </>
  )
}
