import { scopes } from '@indelible/protocol'
import { CheckboxGroup, TextField } from '../../forms/fields.tsx'
import { useSession } from '../../session/session.ts'

const scopeNotes = {
  append: 'submit events',
  read: 'search, read and follow events; make viewer links',
  export: 'take events out as files',
  admin: 'keys, users, tenants',
} as const

/** What a key may do, of what its maker may. */
export function ScopesField() {
  const held = useSession().data?.scopes ?? []
  const options = scopes
    .filter((scope) => held.includes(scope))
    .map((scope) => ({ value: scope, label: scope, note: scopeNotes[scope] }))
  return <CheckboxGroup name="scopes" label="May" options={options} defaultValues={['append']} />
}

/** Tenants of a grant. */
export function TenantsField(props: { readonly defaultValue?: string }) {
  const held = useSession().data?.tenants ?? []
  const own = held.includes('*') ? '*' : held.join(', ')
  return (
    <TextField
      name="tenants"
      label="Tenants"
      required
      autoCapitalize="none"
      spellCheck={false}
      defaultValue={props.defaultValue ?? own}
      hint="Names, with commas between them. * stands for every tenant but _system, which must be named."
    />
  )
}
