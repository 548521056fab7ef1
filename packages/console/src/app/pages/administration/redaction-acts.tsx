import type { RedactionRuleInfo } from '@indelible/protocol'
import { useMutation } from '@tanstack/react-query'
import { removeRule, switchBuiltIn } from '../../api/redaction.ts'
import { ConfirmDialog, Dialog } from '../../ui/dialog.tsx'
import { RedactionPreview } from './redaction-preview.tsx'
import { RuleDialog } from './redaction-rule.tsx'

/** What one is about to do. */
export type RedactionAct =
  | { readonly kind: 'edit'; readonly rule?: RedactionRuleInfo }
  | { readonly kind: 'remove' | 'switch'; readonly rule: RedactionRuleInfo }
  | { readonly kind: 'try' }

/** The dialog of an act. */
export function RedactionActDialog(props: {
  readonly act: RedactionAct
  readonly onDone: () => unknown
  readonly onClose: () => void
}) {
  const { act, onDone, onClose } = props
  switch (act.kind) {
    case 'edit':
      return <RuleDialog rule={act.rule} onSaved={onDone} onClose={onClose} />
    case 'try':
      return (
        <Dialog
          wide
          title="Try an event"
          description="By the rules that are in effect."
          onClose={onClose}
        >
          <RedactionPreview />
        </Dialog>
      )
    default:
      return <ConfirmAct kind={act.kind} rule={act.rule} onDone={onDone} onClose={onClose} />
  }
}

function ConfirmAct(props: {
  readonly kind: 'remove' | 'switch'
  readonly rule: RedactionRuleInfo
  readonly onDone: () => unknown
  readonly onClose: () => void
}) {
  const { kind, rule, onDone, onClose } = props
  const { name, description = '' } = rule
  const isOn = rule.state === 'on'
  const change = useMutation({
    mutationFn: () => (kind === 'remove' ? removeRule(name) : switchBuiltIn(name, !isOn)),
    onSuccess: () => {
      onClose()
      return onDone()
    },
  })
  if (kind === 'remove') {
    return (
      <ConfirmDialog title={`Remove “${name}”?`} action="Remove" act={change} onClose={onClose}>
        <p>
          What it finds is kept as it comes from then on, for good, unless another rule takes it.
          What it took out before does not come back.
        </p>
      </ConfirmDialog>
    )
  }
  return (
    <ConfirmDialog
      title={`Switch “${name}” ${isOn ? 'off' : 'on'}?`}
      action={isOn ? 'Switch off' : 'Switch on'}
      act={change}
      onClose={onClose}
    >
      {isOn ? (
        <>
          <p>
            <strong>Such secrets are then kept, for good:</strong> {description}. Who may read the
            log reads them, and switching the rule on again does not take them out.
          </p>
          <p>That you switched it off is on record.</p>
        </>
      ) : (
        <p>
          It holds for what comes in from then on. What was kept while it was off stays as it is.
        </p>
      )}
    </ConfirmDialog>
  )
}
