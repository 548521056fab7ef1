import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { changePassword } from '../api/administration.ts'
import { logIn } from '../api/calls.ts'
import { TextField } from '../forms/fields.tsx'
import { Form } from '../forms/form.tsx'
import { NewPasswordField } from '../forms/new-password-field.tsx'
import { sessionKey } from '../session/session.ts'
import { Dialog } from '../ui/dialog.tsx'

const places = { 'credentials-invalid': '/current', 'rate-exceeded': '/current' }

/** Everybody's own: the present password, and the one that takes its place. */
export function OwnPasswordDialog(props: {
  readonly username: string
  readonly onClose: () => void
}) {
  const { username, onClose } = props
  const client = useQueryClient()
  const [changed, setChanged] = useState(false)
  const change = useMutation({
    mutationFn: async (values: FormData) => {
      const next = String(values.get('next') ?? '')
      await changePassword({ current: String(values.get('current') ?? ''), next })
      // That ended the session here, too. If the new one can't begin, the page asks for a sign-in.
      await logIn(username, next).catch(() => undefined)
      await client.invalidateQueries({ queryKey: sessionKey })
    },
    onSuccess: () => setChanged(true),
    // What was typed is two passwords.
    gcTime: 0,
  })
  if (changed) {
    return (
      <Dialog title="Your password is changed" onClose={onClose}>
        <p>Everywhere else you are signed out, and viewer links that you made have ended.</p>
        <div className="form-actions">
          <button type="button" className="button primary" onClick={onClose}>
            Done
          </button>
        </div>
      </Dialog>
    )
  }
  return (
    <Dialog
      title="Change your password"
      description="Everywhere else you are signed out, and viewer links that you made end."
      onClose={onClose}
    >
      <Form
        act={change}
        submit="Change password"
        onCancel={onClose}
        onSubmit={change.mutate}
        places={places}
      >
        <input type="hidden" name="username" autoComplete="username" value={username} readOnly />
        <TextField
          name="current"
          label="Present password"
          type="password"
          autoComplete="current-password"
          required
        />
        <NewPasswordField name="next" label="New password" />
      </Form>
    </Dialog>
  )
}
