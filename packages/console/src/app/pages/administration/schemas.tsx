import type { SchemaInfo } from '@indelible/protocol'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useSearchParams } from 'react-router'
import { listSchemas, removeSchema } from '../../api/schemas.ts'
import { SelectField } from '../../forms/fields.tsx'
import { useSession } from '../../session/session.ts'
import { type Columns, DataTable } from '../../ui/data-table.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Notice } from '../../ui/notice.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { visibleText } from '../../ui/visible-text.ts'
import { Made } from './names.tsx'
import { SchemaEditor } from './schema-editor.tsx'
import { useTenants } from './use-tenants.ts'
import './schemas.css'

const columns: Columns<SchemaInfo> = [
  { title: 'Action', cell: ({ action }) => <code>{visibleText(action)}</code> },
  { title: 'Asks for', cell: ({ schema }) => <Asked schema={schema} /> },
  {
    title: 'Set',
    cell: ({ updated, by }) => <Made time={updated} by={by} />,
  },
]

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined

/** What an event must have, as far as a line goes. */
function Asked({ schema }: { readonly schema: unknown }) {
  const namesOf = (part: unknown): string[] => {
    const required = memberOf(part, 'required')
    return Array.isArray(required) ? required.map(String) : []
  }
  const inData = namesOf(memberOf(memberOf(schema, 'properties'), 'data'))
  const names = [
    ...namesOf(schema).filter((name) => name !== 'data' || inData.length === 0),
    ...inData.map((name) => `data.${name}`),
  ]
  if (names.length === 0) return <span className="faint">only how members look</span>
  const shown = names.slice(0, 4).map(visibleText).join(', ')
  return names.length > 4 ? `${shown} and ${names.length - 4} more` : shown
}

/** Tenants whose events may be held to schemas; `*` stands for those without one of their own. */
function useOwnTenants() {
  const granted = useSession().data?.tenants ?? []
  const tenants = useTenants()
  const named = granted.includes('*') ? ['default', ...granted] : granted
  const all = [...named, ...(tenants.data?.map(({ tenant }) => tenant) ?? [])]
  const own = new Set(all.filter((name) => !name.startsWith('_')))
  return { names: [...own].sort(), isSettled: !tenants.isPending }
}

const labelOf = (tenant: string): string =>
  tenant === '*' ? 'every tenant (*)' : visibleText(tenant)

/** What events of an action have to be like, tenant by tenant. The address has which is open. */
export function SchemasPage() {
  const { names, isSettled } = useOwnTenants()
  const [view, setView] = useSearchParams()
  const usual = names.includes('default') ? 'default' : names[0]
  const tenant = view.get('tenant') ?? (isSettled ? usual : undefined)
  const open = (members: Record<string, string>, replace = false) =>
    setView(tenant === undefined ? members : { tenant, ...members }, { replace })
  const add = (
    <button type="button" className="button primary" onClick={() => open({ new: '' })}>
      <Icon name="plus" /> New schema
    </button>
  )
  return (
    <>
      <PageHead title="Schemas" actions={add}>
        What events of an action have to be like. One that is not is refused, with the reason,
        before it is kept. An action without a schema takes every event.
      </PageHead>
      <div className="schemas-tenant">
        <SelectField
          name="tenant"
          label="Tenant"
          value={tenant ?? ''}
          onChange={(event) => setView({ tenant: event.target.value })}
          options={[...new Set([...(tenant === undefined ? [] : [tenant]), ...names])].map(
            (name) => ({ value: name, label: labelOf(name) }),
          )}
        />
      </div>
      {tenant === undefined ? null : (
        <TenantSchemas key={tenant} tenant={tenant} view={view} open={open} />
      )}
    </>
  )
}

function TenantSchemas(props: {
  readonly tenant: string
  readonly view: URLSearchParams
  readonly open: (members: Record<string, string>, replace?: boolean) => void
}) {
  const { tenant, view, open } = props
  const key = ['schemas', tenant] as const
  const schemas = useQuery({ queryKey: key, queryFn: ({ signal }) => listSchemas(tenant, signal) })
  const client = useQueryClient()
  const refresh = () => client.invalidateQueries({ queryKey: key })
  const [removing, setRemoving] = useState<SchemaInfo>()
  const named = view.get('schema')
  const opened = schemas.data?.find(({ action }) => action === named)
  const isEditing = view.has('new') || opened !== undefined
  return (
    <>
      <DataTable
        label="Schemas"
        rows={schemas}
        columns={columns}
        keyOf={({ action }) => action}
        actions={(info) => (
          <>
            <button
              type="button"
              className="button"
              aria-label={`Edit the schema of ${visibleText(info.action)}`}
              onClick={() => open({ schema: info.action })}
            >
              Edit
            </button>
            <button
              type="button"
              className="button danger"
              aria-label={`Remove the schema of ${visibleText(info.action)}`}
              onClick={() => setRemoving(info)}
            >
              Remove
            </button>
          </>
        )}
        empty={
          <Notice kind="empty" title={`No schemas for ${labelOf(tenant)}`}>
            <p>
              Every event is taken as it comes. Where your teams agree on what an event has to say,
              write it down here: “each <code>plan.changed</code> names the plan and the seats”.
            </p>
            <p>You can begin with an event that there is.</p>
          </Notice>
        }
      />
      {isEditing ? (
        <SchemaEditor
          key={opened?.action ?? ''}
          tenant={tenant}
          info={opened}
          taken={schemas.data?.map(({ action }) => action) ?? []}
          onSet={refresh}
          onClose={() => open({}, true)}
        />
      ) : null}
      {removing === undefined ? null : (
        <RemoveDialog
          tenant={tenant}
          info={removing}
          onRemoved={refresh}
          onClose={() => setRemoving(undefined)}
        />
      )}
    </>
  )
}

function RemoveDialog(props: {
  readonly tenant: string
  readonly info: SchemaInfo
  readonly onRemoved: () => unknown
  readonly onClose: () => void
}) {
  const { tenant, info, onRemoved, onClose } = props
  const remove = useMutation({
    mutationFn: () => removeSchema(tenant, info.action),
    onSuccess: () => {
      onClose()
      return onRemoved()
    },
  })
  return (
    <ConfirmDialog
      title={`Remove the schema of “${visibleText(info.action)}”?`}
      action="Remove"
      act={remove}
      onClose={onClose}
    >
      <p>
        From then on every event of this action is taken again, whatever it holds. Events that are
        kept stay as they are. The schema’s text stays in the log of <code>_system</code>.
      </p>
    </ConfirmDialog>
  )
}
