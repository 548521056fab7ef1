import { limits, type SchemaInfo } from '@indelible/protocol'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { faultsWithin } from '../../api/problem.ts'
import { findExample, listActions, setSchema } from '../../api/schemas.ts'
import { TextField } from '../../forms/fields.tsx'
import { Form } from '../../forms/form.tsx'
import { JsonField } from '../../forms/json-field.tsx'
import { formatJson, readJson } from '../../forms/json-text.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { visibleText } from '../../ui/visible-text.ts'
import { deriveSchema, toSubmission } from './schema-from-example.ts'
import { SchemaTrial } from './schema-trial.tsx'

const starting = `{
  "required": ["data"],
  "properties": {
    "data": {
      "required": [],
      "properties": {}
    }
  }
}`

/** One action's schema, to be written and tried before it holds. */
export function SchemaEditor(props: {
  readonly tenant: string
  /** Undefined: a new one. */
  readonly info: SchemaInfo | undefined
  /** Actions that have one. */
  readonly taken: readonly string[]
  readonly onSet: () => unknown
  readonly onClose: () => void
}) {
  const { tenant, info, taken, onSet, onClose } = props
  const [action, setAction] = useState(info?.action ?? '')
  const [text, setText] = useState(info === undefined ? starting : formatJson(info.schema))
  const [trial, setTrial] = useState('')
  const { value, fault } = readJson(text)
  const set = useMutation({
    mutationFn: async () => {
      if (fault !== undefined) throw new Error('The schema is no JSON yet: see its line below.')
      await setSchema(tenant, action, value)
    },
    onSuccess: () => {
      onClose()
      return onSet()
    },
  })
  const faults = faultsWithin(set.error)
  const isTaken = info === undefined && taken.includes(action)
  return (
    <Dialog
      wide
      title={info === undefined ? 'New schema' : `Schema of “${visibleText(info.action)}”`}
      description="A JSON Schema for the whole event as it is submitted. It holds for what comes in from now on; repeats of events that are kept already go on being answered."
      onClose={onClose}
    >
      <Form
        // What stands at its line is not said twice.
        act={faults.length > 0 ? { ...set, error: null } : set}
        submit={info === undefined && !isTaken ? 'Set schema' : 'Replace schema'}
        onCancel={onClose}
        onSubmit={() => set.mutate()}
      >
        {info === undefined ? (
          <ActionField tenant={tenant} action={action} isTaken={isTaken} onChange={setAction} />
        ) : null}
        <Example
          tenant={tenant}
          action={action}
          onFound={(event) => {
            setTrial(formatJson(event))
            setText(formatJson(deriveSchema(event)))
            set.reset()
          }}
        />
        <JsonField
          label="Schema"
          rows={14}
          text={text}
          faults={faults}
          leadsToFaults
          hint="JSON Schema, draft 2020-12. Say only what matters: all else may be as it is."
          onChange={(next) => {
            setText(next)
            set.reset()
          }}
        />
        <SchemaTrial
          tenant={tenant}
          action={action}
          schemaText={text}
          text={trial}
          onChange={setTrial}
        />
      </Form>
    </Dialog>
  )
}

function ActionField(props: {
  readonly tenant: string
  readonly action: string
  readonly isTaken: boolean
  readonly onChange: (action: string) => void
}) {
  const { tenant, action, isTaken, onChange } = props
  const list = useId()
  const actions = useQuery({
    queryKey: ['actions', tenant],
    queryFn: ({ signal }) => listActions(tenant, signal),
    retry: false,
  }).data
  return (
    <>
      <TextField
        name="action"
        label="Action"
        required
        autoCapitalize="none"
        spellCheck={false}
        list={list}
        maxLength={limits.actionCharsMax}
        placeholder="plan.changed"
        value={action}
        onChange={(event) => onChange(event.target.value)}
        hint={
          isTaken
            ? 'It has a schema, which this one is going to replace.'
            : 'Exactly as events have it. Others, longer ones too, are not touched.'
        }
      />
      <datalist id={list}>
        {actions?.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
    </>
  )
}

/** Begins with what the newest event of the action has. */
function Example(props: {
  readonly tenant: string
  readonly action: string
  readonly onFound: (event: Record<string, unknown>) => void
}) {
  const { tenant, action, onFound } = props
  const find = useMutation({
    mutationFn: async () => {
      const entry = await findExample(tenant, action)
      if (entry === undefined) throw new Error('There is no event of this action yet.')
      onFound(toSubmission(entry))
    },
  })
  return (
    <div className="schema-begin">
      <button
        type="button"
        className="button"
        disabled={action === '' || find.isPending}
        onClick={() => find.mutate()}
      >
        Begin with the newest event
      </button>
      <p role="status">
        {find.error?.message ?? 'Writes what that event has in place of the text below.'}
      </p>
    </div>
  )
}
