import { limits, type UserInfo } from '@indelible/protocol'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { changeUser, createUser } from '../../api/administration.ts'
import { SelectField, TextField } from '../../forms/fields.tsx'
import { Form } from '../../forms/form.tsx'
import { NewPasswordField } from '../../forms/new-password-field.tsx'
import { readNames, readText } from '../../forms/values.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { visibleText } from '../../ui/visible-text.ts'
import { TenantsField } from './grant-fields.tsx'

/** What each dialog about a user needs. */
export interface UserDialogProps {
  readonly user: UserInfo
  /** Somebody is about to change themselves. */
  readonly own: boolean
  readonly onDone: () => unknown
  readonly onClose: () => void
}

const roles = [
  { value: 'auditor', label: 'auditor: reads and exports' },
  { value: 'writer', label: 'writer: submits events, sees none' },
  { value: 'admin', label: 'admin: all that, and keys, users, tenants' },
]

const RoleField = ({ defaultValue }: { readonly defaultValue: string }) => (
  <SelectField name="role" label="Role" options={roles} defaultValue={defaultValue} />
)

const readGrant = (values: FormData) => ({
  role: readText(values, 'role') ?? '',
  tenants: readNames(values, 'tenants'),
})

const places = { 'resource-conflict': '/username', 'scope-insufficient': '/tenants' }

/** A password is typed as it is, with whatever surrounds it. */
const readPassword = (values: FormData) => String(values.get('password') ?? '')

export function NewUserDialog(props: Pick<UserDialogProps, 'onDone' | 'onClose'>) {
  const { onDone, onClose } = props
  const create = useMutation({
    mutationFn: (values: FormData) =>
      createUser({
        username: readText(values, 'username') ?? '',
        ...readGrant(values),
        password: readPassword(values),
      }),
    onSuccess: onDone,
    // What was typed holds a password.
    gcTime: 0,
  })
  return (
    <Dialog title="New user" onClose={onClose}>
      <Form
        act={create}
        submit="Create user"
        onCancel={onClose}
        onSubmit={create.mutate}
        places={places}
      >
        <TextField
          name="username"
          label="Username"
          required
          maxLength={64}
          autoCapitalize="none"
          spellCheck={false}
          hint="Letters a to z, digits and . _ @ - ; kept in lower case."
        />
        <RoleField defaultValue="auditor" />
        <TenantsField />
        <NewPasswordField
          name="password"
          label="First password"
          hint={`${limits.passwordCharsMin} characters or more. Hand it over by another way than the name; they change it under their own name, at the top.`}
        />
      </Form>
    </Dialog>
  )
}

export function ChangeUserDialog({ user, own, onDone, onClose }: UserDialogProps) {
  const [asked, setAsked] = useState<ReturnType<typeof readGrant>>()
  const change = useMutation({
    mutationFn: (values: FormData) => {
      const grant = readGrant(values)
      setAsked(grant)
      return changeUser(user.username, grant)
    },
    onSuccess: onDone,
  })
  // Who is the last administrator of everything, is refused: by the role, or else by the tenants.
  const conflict = asked?.role === user.role ? '/tenants' : '/role'
  return (
    <Dialog
      title={`Change “${visibleText(user.username)}”`}
      description={
        own
          ? 'This is you. With another role, or fewer tenants, you may not be able to undo it yourself.'
          : 'Takes effect with their next request. Viewer links that go beyond it end.'
      }
      onClose={onClose}
    >
      <Form
        act={change}
        submit="Save"
        onCancel={onClose}
        onSubmit={change.mutate}
        places={{ 'resource-conflict': conflict, 'scope-insufficient': '/tenants' }}
      >
        <RoleField defaultValue={user.role} />
        <TenantsField defaultValue={user.tenants.join(', ')} />
      </Form>
    </Dialog>
  )
}

export function SetPasswordDialog({ user, onDone, onClose }: UserDialogProps) {
  const change = useMutation({
    mutationFn: (values: FormData) => changeUser(user.username, { password: readPassword(values) }),
    onSuccess: onDone,
    gcTime: 0,
  })
  return (
    <Dialog
      title={`Set a password for “${visibleText(user.username)}”`}
      description="They are signed out everywhere, and their viewer links end."
      onClose={onClose}
    >
      <Form act={change} submit="Set password" onCancel={onClose} onSubmit={change.mutate}>
        <NewPasswordField name="password" label="New password" />
      </Form>
    </Dialog>
  )
}
