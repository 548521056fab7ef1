import { limits } from '@indelible/protocol'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { createKey } from '../../api/administration.ts'
import { withParameters } from '../../api/calls.ts'
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

type MadeKey = Awaited<ReturnType<typeof createKey>>

/** Makes a key, and shows it this once. */
export function NewKeyDialog(props: {
  readonly onMade: () => unknown
  readonly onClose: () => void
}) {
  const { onMade, onClose } = props
  const utc = usePreferences().timeStyle === 'utc'
  // Not in the mutation's state: that would stay in the cache after the dialog is gone.
  const [made, setMade] = useState<MadeKey>()
  const create = useMutation({
    mutationFn: async (values: FormData) => {
      setMade(await createKey(readKey(values, { utc })))
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
          { label: 'Try it', text: formatTrial(made) },
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

/** The new key's first use, as a shell takes it. Tenants' names hold nothing that a shell would read. */
function formatTrial({ key, scopes, tenants }: MadeKey): string {
  const authorization = `-H 'Authorization: Bearer ${key}'`
  if (!scopes.includes('append')) {
    const all = tenants.length > 1 || tenants.includes('*') ? '*' : undefined
    const events = withParameters('/v1/events', { tenant: all, limit: 1 })
    const path = scopes.includes('read') ? events : '/v1/session'
    return `curl '${location.origin}${path}' \\\n  ${authorization}`
  }
  // A grant of several tenants has to be told which, unless it covers the one that is usual.
  const usual = tenants.includes('*') || tenants.includes('default')
  const tenant = usual ? undefined : tenants.find((name) => !name.startsWith('_'))
  const event = { tenant, action: 'key.tried', actor: { id: 'me' } }
  return `curl ${location.origin}/v1/events \\
  ${authorization} \\
  -H 'Content-Type: application/json' \\
  -d '${JSON.stringify(event)}'`
}
