import { limits } from '@indelible/protocol'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { createKey } from '../../api/administration.ts'
import { TextField } from '../../forms/fields.tsx'
import { Form } from '../../forms/form.tsx'
import { readNames, readNumber, readText, readTime } from '../../forms/values.ts'
import { usePreferences } from '../../preferences/preferences.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { SecretOnce } from '../../ui/secret-once.tsx'
import { ScopesField, TenantsField } from './grant-fields.tsx'

const readKey = (values: FormData, { utc }: { readonly utc: boolean }) => ({
  name: readText(values, 'name') ?? '',
  scopes: values.getAll('scopes').map(String),
  tenants: readNames(values, 'tenants'),
  expires: readTime(values, 'expires', { utc }),
  rate: readNumber(values, 'rate'),
})

/** Makes a key, and shows it this once. */
export function NewKeyDialog(props: {
  readonly onMade: () => unknown
  readonly onClose: () => void
}) {
  const { onMade, onClose } = props
  const utc = usePreferences().timeStyle === 'utc'
  // Not in the mutation's state: that would stay in the cache after the dialog is gone.
  const [made, setMade] = useState<{ readonly key: string; readonly tenants: readonly string[] }>()
  const create = useMutation({
    mutationFn: async (values: FormData) => {
      const { key, tenants } = await createKey(readKey(values, { utc }))
      setMade({ key, tenants })
    },
    onSuccess: () => onMade(),
  })
  if (made !== undefined) {
    return (
      <SecretOnce
        title="Keep the key now"
        description="It is not shown again: the service keeps only a hash of it. Put it where the program finds its secrets."
        texts={[
          { label: 'API key', text: made.key },
          { label: 'Try it', text: formatTrial(made.key, made.tenants) },
        ]}
        onKept={onClose}
      />
    )
  }
  return (
    <Dialog title="New API key" onClose={onClose}>
      <Form act={create} submit="Create key" onCancel={onClose} onSubmit={create.mutate}>
        <TextField
          name="name"
          label="Name"
          required
          maxLength={limits.displayNameCharsMax}
          placeholder="billing service"
          hint="Whose it is: this stands beside all that is done with it."
        />
        <ScopesField />
        <TenantsField />
        <div className="form-pair">
          <TextField
            name="expires"
            label="Expires"
            type="datetime-local"
            hint={`${utc ? 'UTC' : 'Your local time'}. Empty: never.`}
          />
          <TextField
            name="rate"
            label="Requests a second"
            type="number"
            min={1}
            max={limits.keyRateMax}
            hint="Empty: no bound."
          />
        </div>
      </Form>
    </Dialog>
  )
}

/** One event by the new key, as a shell takes it. */
function formatTrial(key: string, tenants: readonly string[]): string {
  const [tenant = '*'] = tenants
  const member = tenants.length === 1 && tenant !== '*' ? `"tenant":"${tenant}",` : ''
  return `curl ${location.origin}/v1/events \\
  -H 'Authorization: Bearer ${key}' \\
  -H 'Content-Type: application/json' \\
  -d '{${member}"action":"key.tried","actor":{"id":"me"}}'`
}
