import type { RedactionRuleInfo } from '@indelible/protocol'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { listRules } from '../../api/redaction.ts'
import { DataTable, type Rows } from '../../ui/data-table.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Notice } from '../../ui/notice.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { type RedactionAct, RedactionActDialog } from './redaction-acts.tsx'
import { builtInColumns, fileColumns, ownColumns } from './redaction-columns.tsx'
import './redaction.css'

const rulesKey = ['redaction'] as const

/** Rules of redaction: seen, tried, made and changed. */
export function RedactionPage() {
  const rules = useQuery({ queryKey: rulesKey, queryFn: ({ signal }) => listRules(signal) })
  const client = useQueryClient()
  const [act, setAct] = useState<RedactionAct>()
  const isWhole = rules.data !== undefined
  return (
    <>
      <PageHead
        title="Redaction"
        actions={
          !isWhole ? null : (
            <>
              <button type="button" className="button" onClick={() => setAct({ kind: 'try' })}>
                <Icon name="play" /> Try an event
              </button>
              <button
                type="button"
                className="button primary"
                onClick={() => setAct({ kind: 'edit' })}
              >
                <Icon name="plus" /> New rule
              </button>
            </>
          )
        }
      >
        Secrets are taken out of an event before it is kept. A change holds for what comes in from
        then on; what was kept is not rewritten.
      </PageHead>
      <RuleTables rules={rules} onAct={setAct} />
      {act === undefined ? null : (
        <RedactionActDialog
          act={act}
          onDone={() => client.invalidateQueries({ queryKey: rulesKey })}
          onClose={() => setAct(undefined)}
        />
      )}
    </>
  )
}

function RuleTables(props: {
  readonly rules: Rows<RedactionRuleInfo>
  readonly onAct: (act: RedactionAct) => void
}) {
  const { rules, onAct } = props
  const of = (origin: RedactionRuleInfo['origin']) => ({
    ...rules,
    data: rules.data?.filter((rule) => rule.origin === origin),
  })
  const empty = (
    <Notice kind="empty" title="No rules of your own">
      The built-in rules hold. Add one for what only you know to be secret: staff numbers, salaries,
      names of cases.
    </Notice>
  )
  const table = { keyOf: ({ name }: RedactionRuleInfo) => name, empty }
  const own = (
    <DataTable
      {...table}
      label="Your rules"
      rows={of('console')}
      columns={ownColumns}
      actions={(rule) => <OwnActions rule={rule} onAct={onAct} />}
    />
  )
  // One state of loading, or one fault, for all of them.
  if (rules.data === undefined) return own
  const file = of('file')
  return (
    <div className="redaction-groups">
      <Group title="Your rules">{own}</Group>
      {file.data?.length === 0 ? null : (
        <Group title="From the service’s file" note="Whoever runs the service decides them.">
          <DataTable
            {...table}
            keyOf={(rule) => JSON.stringify(rule)}
            label="Rules of the file"
            rows={file}
            columns={fileColumns}
          />
        </Group>
      )}
      <Group
        title="Built in"
        note="What nearly everybody wants kept out. They mask what they find."
      >
        <DataTable
          {...table}
          label="Built-in rules"
          rows={of('built-in')}
          columns={builtInColumns}
          actions={(rule) => <SwitchAction rule={rule} onAct={onAct} />}
        />
      </Group>
    </div>
  )
}

const Group = (props: {
  readonly title: string
  readonly note?: string
  readonly children: ReactNode
}) => (
  <section className="redaction-group">
    <h2>{props.title}</h2>
    {props.note === undefined ? null : <p className="faint">{props.note}</p>}
    {props.children}
  </section>
)

interface ActionProps {
  readonly rule: RedactionRuleInfo
  readonly onAct: (act: RedactionAct) => void
}

const OwnActions = ({ rule, onAct }: ActionProps) => (
  <>
    {rule.state === 'overruled' ? null : (
      <button
        type="button"
        className="button"
        aria-label={`Change ${rule.name}`}
        onClick={() => onAct({ kind: 'edit', rule })}
      >
        Change
      </button>
    )}{' '}
    <button
      type="button"
      className="button danger"
      aria-label={`Remove ${rule.name}`}
      onClick={() => onAct({ kind: 'remove', rule })}
    >
      Remove
    </button>
  </>
)

function SwitchAction({ rule, onAct }: ActionProps) {
  if (rule.switchedOffBy === 'file') return null
  const verb = rule.state === 'on' ? 'Switch off' : 'Switch on'
  return (
    <button
      type="button"
      className="button"
      aria-label={`${verb} ${rule.name}`}
      onClick={() => onAct({ kind: 'switch', rule })}
    >
      {verb}
    </button>
  )
}
