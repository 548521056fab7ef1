import { scopes } from '@indelible/protocol'
import { useState } from 'react'
import { CheckboxGroup, TextField } from '../../forms/fields.tsx'
import { splitNames } from '../../forms/values.ts'
import { useSession } from '../../session/session.ts'
import { visibleText } from '../../ui/visible-text.ts'
import { useTenants } from './use-tenants.ts'

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

/** Tenants of a grant, which need not have a log yet: a slip of the pen is pointed out, not refused. */
export function TenantsField(props: { readonly defaultValue?: string }) {
  const held = useSession().data?.tenants ?? []
  const own = held.includes('*') ? '*' : held.join(', ')
  const [text, setText] = useState(props.defaultValue ?? own)
  const known = useTenants().data
  const fresh = splitNames(text).filter(
    (name) => name !== '*' && known?.every(({ tenant }) => tenant !== name) === true,
  )
  return (
    <TextField
      name="tenants"
      label="Tenants"
      required
      autoCapitalize="none"
      spellCheck={false}
      value={text}
      onChange={(event) => setText(event.target.value)}
      hint={
        <>
          Names, with commas between them. * stands for every tenant but _system, which must be
          named.
          <span role="status">
            {fresh.length === 0 ? null : (
              <strong className="below">No log yet: {fresh.map(visibleText).join(', ')}</strong>
            )}
          </span>
        </>
      }
    />
  )
}
