import { limits, type TenantInfo } from '@indelible/protocol'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { Link } from 'react-router'
import { createTenant } from '../../api/administration.ts'
import { TextField } from '../../forms/fields.tsx'
import { Form } from '../../forms/form.tsx'
import { readText } from '../../forms/values.ts'
import { emptyView, paths } from '../../paths.ts'
import { logsKey, useLogs } from '../../session/session.ts'
import { type Columns, DataTable } from '../../ui/data-table.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { formatNumber } from '../../ui/figures.ts'
import { Icon } from '../../ui/icon.tsx'
import { Instant } from '../../ui/instant.tsx'
import { Notice } from '../../ui/notice.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { visibleText } from '../../ui/visible-text.ts'
import { tenantsKey, useTenants } from './use-tenants.ts'

interface Row extends TenantInfo {
  /** Undefined: not known yet. */
  readonly size?: number | undefined
  readonly signed?: string | null | undefined
}

const columns: Columns<Row> = [
  {
    title: 'Tenant',
    cell: ({ tenant }) => (
      <Link to={paths.eventsView({ ...emptyView, tenant })}>{visibleText(tenant)}</Link>
    ),
  },
  {
    title: 'Name',
    cell: ({ tenant, name }) =>
      name === null ? (
        <span className="faint">{tenant === '_system' ? 'reads and administration' : '–'}</span>
      ) : (
        visibleText(name)
      ),
  },
  {
    title: 'Entries',
    numeric: true,
    cell: ({ size }) => (size === undefined ? '…' : formatNumber(size)),
  },
  {
    title: 'Newest signed',
    cell: ({ signed }) =>
      signed === undefined ? '…' : <Instant time={signed} none="nothing yet" />,
  },
]

/** Whose events there are: each tenant has a log of its own. */
export function TenantsPage() {
  const tenants = useTenants()
  const logs = useLogs(true).data
  const client = useQueryClient()
  // The logs are listed once for every page; here their sizes are what one comes for.
  useEffect(() => void client.invalidateQueries({ queryKey: logsKey }), [client])
  const data = tenants.data?.map((one): Row => {
    const log = logs?.find(({ tenant }) => tenant === one.tenant)
    const signed = log === undefined ? undefined : (log.checkpoint?.time ?? null)
    return { ...one, size: log?.size, signed }
  })
  const [making, setMaking] = useState(false)
  return (
    <>
      <PageHead
        title="Tenants"
        actions={
          <button type="button" className="button primary" onClick={() => setMaking(true)}>
            <Icon name="plus" /> New tenant
          </button>
        }
      >
        Each customer, or part of your organisation, has a log of its own; nobody sees another’s.
      </PageHead>
      <DataTable
        label="Tenants"
        rows={{ ...tenants, data }}
        columns={columns}
        keyOf={({ tenant }) => tenant}
        empty={
          <Notice kind="empty" title="No tenants">
            A tenant is made by its first event, or here.
          </Notice>
        }
      />
      {making ? <NewTenantDialog onClose={() => setMaking(false)} /> : null}
    </>
  )
}

const places = { 'resource-conflict': '/tenant', 'scope-insufficient': '/tenant' }

function NewTenantDialog({ onClose }: { readonly onClose: () => void }) {
  const client = useQueryClient()
  const create = useMutation({
    mutationFn: (values: FormData) =>
      createTenant({ tenant: readText(values, 'tenant') ?? '', name: readText(values, 'name') }),
    onSuccess: () => {
      onClose()
      void client.invalidateQueries({ queryKey: logsKey })
      return client.invalidateQueries({ queryKey: tenantsKey })
    },
  })
  return (
    <Dialog
      title="New tenant"
      description="Its empty log is made and signed. Not needed before its first event, which does the same. A log can’t be removed."
      onClose={onClose}
    >
      <Form
        act={create}
        submit="Create tenant"
        onCancel={onClose}
        onSubmit={create.mutate}
        places={places}
      >
        <TextField
          name="tenant"
          label="Tenant"
          required
          autoCapitalize="none"
          spellCheck={false}
          maxLength={limits.tenantCharsMax}
          hint="As programs name it: letters, digits, dots, underscores and hyphens. It stays for good."
        />
        <TextField
          name="name"
          label="Name for people"
          maxLength={limits.displayNameCharsMax}
          hint="May be left out."
        />
      </Form>
    </Dialog>
  )
}
