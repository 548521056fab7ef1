import { limits, type RedactionRule } from '@indelible/protocol'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { putRule } from '../../api/redaction.ts'
import { SelectField, TextArea, TextField } from '../../forms/fields.tsx'
import { Form } from '../../forms/form.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import {
  type RuleDraft,
  type RuleKind,
  ruleKinds,
  ruleNamePattern,
  toDraft,
  toRule,
  toTrial,
} from './redaction-draft.ts'
import { RedactionPreview } from './redaction-preview.tsx'

const kindLabels: Readonly<Record<RuleKind, string>> = {
  key: 'A field, by its name',
  pattern: 'A text, by how it looks',
  paths: 'Places in an event',
}

interface DraftProps {
  readonly draft: RuleDraft
  readonly change: (change: Partial<RuleDraft>) => void
}

/** Makes a rule, or replaces one, with what it does shown while it is written. */
export function RuleDialog(props: {
  /** The rule to replace; undefined: a new one. */
  readonly rule: RedactionRule | undefined
  readonly onSaved: () => unknown
  readonly onClose: () => void
}) {
  const { rule, onSaved, onClose } = props
  const [draft, setDraft] = useState(() => toDraft(rule))
  const change = (changed: Partial<RuleDraft>) => setDraft((before) => ({ ...before, ...changed }))
  const save = useMutation({
    mutationFn: () => putRule(toRule(draft)),
    onSuccess: () => {
      onClose()
      return onSaved()
    },
  })
  return (
    <Dialog
      wide
      title={rule === undefined ? 'New rule' : `Change “${rule.name}”`}
      description="It holds for what comes in once it is saved. What was kept before is not rewritten."
      onClose={onClose}
    >
      <div className="redaction-columns">
        <Form
          act={save}
          submit={rule === undefined ? 'Add rule' : 'Save rule'}
          onCancel={onClose}
          onSubmit={() => save.mutate()}
          places={{ 'resource-conflict': '/name' }}
        >
          <TextField
            name="name"
            label="Name"
            required
            readOnly={rule !== undefined}
            pattern={ruleNamePattern}
            title="Small letters, digits and -, a letter first."
            maxLength={41}
            autoCapitalize="none"
            spellCheck={false}
            placeholder="case-number"
            value={draft.name}
            onChange={(event) => change({ name: event.currentTarget.value })}
            hint="Marks show it, so that a reader knows what was there: small letters, digits and -."
          />
          <KindField draft={draft} change={change} />
          {draft.kinds.map((kind) => (
            <FindField key={kind} kind={kind} draft={draft} change={change} />
          ))}
          <ActionField draft={draft} change={change} />
        </Form>
        <RedactionPreview rule={toTrial(draft)} />
      </div>
    </Dialog>
  )
}

/** A rule made by a program can look for more than one; then all of them are shown. */
function KindField({ draft, change }: DraftProps) {
  if (draft.kinds.length > 1) return null
  return (
    <SelectField
      name="kind"
      label="Looks for"
      options={ruleKinds.map((kind) => ({ value: kind, label: kindLabels[kind] }))}
      value={draft.kinds[0]}
      onChange={({ currentTarget: { value } }) =>
        change({ kinds: ruleKinds.filter((kind) => kind === value) })
      }
    />
  )
}

function FindField({ kind, draft, change }: DraftProps & { readonly kind: RuleKind }) {
  const plain = { required: true, autoCapitalize: 'none', spellCheck: false } as const
  if (kind === 'key') {
    return (
      <TextField
        {...plain}
        name="key"
        label="Name of the field"
        maxLength={100}
        placeholder="nationalId"
        value={draft.key}
        onChange={(event) => change({ key: event.currentTarget.value })}
        hint="Its value is taken wherever an event has a field of this name, in capitals or not, with - and _ or without. * is anything: internal*."
      />
    )
  }
  if (kind === 'pattern') {
    return (
      <TextField
        {...plain}
        name="pattern"
        label="What the text looks like"
        maxLength={limits.redactionPatternCharsMax}
        placeholder="CASE-*"
        value={draft.pattern}
        onChange={(event) => change({ pattern: event.currentTarget.value })}
        hint="Found in any text. # is a digit, ? a letter or digit, * a run of letters, digits, _ and -. After a \ a character stands for itself."
      />
    )
  }
  return (
    <TextArea
      {...plain}
      name="paths"
      label="Places"
      rows={3}
      placeholder={'changes.before.salary\nchanges.after.salary'}
      value={draft.paths}
      onChange={(event) => change({ paths: event.currentTarget.value })}
      hint="One a line, from the event’s top, with dots. * is any one step: data.*.ssn."
    />
  )
}

function ActionField({ draft, change }: DraftProps) {
  const name = draft.name.trim() === '' ? 'name' : draft.name.trim()
  const notes: Readonly<Record<RedactionRule['action'], string>> = {
    mask: `Leaves [redacted:${name}] in its place.`,
    hash: `Leaves [hash:${name}:…] in its place. Equal values leave the same, so they can be told apart and found; what they were can’t be guessed from it.`,
    drop: 'Leaves nothing: no reader sees that something was there.',
  }
  return (
    <SelectField
      name="action"
      label="Does"
      options={[
        { value: 'mask', label: 'Mask it' },
        { value: 'hash', label: 'Mask it, equal values alike' },
        { value: 'drop', label: 'Drop it' },
      ]}
      value={draft.action}
      onChange={({ currentTarget: { value } }) =>
        change({ action: value === 'hash' || value === 'drop' ? value : 'mask' })
      }
      hint={notes[draft.action]}
    />
  )
}
