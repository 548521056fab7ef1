import { useMutation } from '@tanstack/react-query'
import { changeUser, removeUser } from '../../api/administration.ts'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { visibleText } from '../../ui/visible-text.ts'
import type { UserDialogProps } from './user-forms.tsx'

/** What ends with a user who is disabled or removed. */
const Ends = ({ own }: { readonly own: boolean }) =>
  own ? (
    <p>
      <strong>This is you.</strong> You are signed out at once, your viewer links end, and only
      another administrator can let you in again. API keys that you made stay.
    </p>
  ) : (
    <p>
      They are signed out everywhere, and their viewer links end. API keys that they made stay;
      those are revoked by themselves.
    </p>
  )

/** Disables who may sign in, and allows who may not. */
export function DisableUserDialog({ user, own, onDone, onClose }: UserDialogProps) {
  const change = useMutation({
    mutationFn: () => changeUser(user.username, { disabled: !user.disabled }),
    onSuccess: onDone,
  })
  const name = visibleText(user.username)
  if (user.disabled) {
    return (
      <ConfirmDialog
        title={`Let “${name}” sign in again?`}
        action="Allow sign-in"
        act={change}
        onClose={onClose}
      >
        <p>With the same password and role as before.</p>
      </ConfirmDialog>
    )
  }
  return (
    <ConfirmDialog title={`Disable “${name}”?`} action="Disable" act={change} onClose={onClose}>
      <Ends own={own} />
    </ConfirmDialog>
  )
}

export function RemoveUserDialog({ user, own, onDone, onClose }: UserDialogProps) {
  const remove = useMutation({ mutationFn: () => removeUser(user.username), onSuccess: onDone })
  return (
    <ConfirmDialog
      title={`Remove “${visibleText(user.username)}”?`}
      action="Remove"
      act={remove}
      onClose={onClose}
    >
      <Ends own={own} />
      <p>
        What was done under this name stays in the log. To keep the name from being used again,
        disable the user instead.
      </p>
    </ConfirmDialog>
  )
}
