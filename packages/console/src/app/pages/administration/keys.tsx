import type { KeyInfo } from '@indelible/protocol'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { listKeys, revokeKey } from '../../api/administration.ts'
import { type Columns, DataTable } from '../../ui/data-table.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { formatCount } from '../../ui/figures.ts'
import { Icon } from '../../ui/icon.tsx'
import { Instant } from '../../ui/instant.tsx'
import { Notice } from '../../ui/notice.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { visibleText } from '../../ui/visible-text.ts'
import { Made, Names } from './names.tsx'
import { NewKeyDialog } from './new-key.tsx'

const keysKey = ['keys'] as const

const columns: Columns<KeyInfo> = [
  { title: 'Name', cell: (key) => <Name {...key} /> },
  { title: 'May', cell: (key) => <Allowed {...key} /> },
  { title: 'Tenants', cell: ({ tenants }) => <Names names={tenants} /> },
  { title: 'Last used', cell: ({ lastUsed }) => <Instant time={lastUsed} /> },
  { title: 'Expires', cell: ({ expires }) => <Expiry expires={expires} /> },
  {
    title: 'Made',
    cell: ({ created, createdBy }) => <Made time={created} by={createdBy} />,
  },
]

/** With the id, by which the log names the key. */
const Name = ({ name, id }: KeyInfo) => (
  <>
    {visibleText(name)}
    <span className="below mono">{id}</span>
  </>
)

const Allowed = ({ scopes, rate }: KeyInfo) => (
  <>
    <Names names={scopes} />
    {rate === undefined ? null : (
      <span className="below">{formatCount(rate, 'request')} a second</span>
    )}
  </>
)

function Expiry({ expires }: { readonly expires: string | null }) {
  if (expires === null || Date.parse(expires) > Date.now()) return <Instant time={expires} />
  return <span className="badge denied">Expired</span>
}

/** Keys for programs: made, listed, revoked. */
export function KeysPage() {
  const keys = useQuery({ queryKey: keysKey, queryFn: ({ signal }) => listKeys(signal) })
  const client = useQueryClient()
  const refresh = () => client.invalidateQueries({ queryKey: keysKey })
  const [making, setMaking] = useState(false)
  const [revoking, setRevoking] = useState<KeyInfo>()
  const create = (
    <button type="button" className="button primary" onClick={() => setMaking(true)}>
      <Icon name="plus" /> New API key
    </button>
  )
  return (
    <>
      <PageHead title="API keys" actions={create}>
        Programs submit and read events with a key. Each one may do what it is for, and no more.
      </PageHead>
      <DataTable
        label="API keys"
        rows={keys}
        columns={columns}
        keyOf={({ id }) => id}
        actions={(key) => (
          <button
            type="button"
            className="button danger"
            aria-label={`Revoke ${visibleText(key.name)}`}
            onClick={() => setRevoking(key)}
          >
            Revoke
          </button>
        )}
        empty={
          <Notice kind="empty" title="No API keys">
            Make one for each program that submits or reads events.
          </Notice>
        }
      />
      {making ? <NewKeyDialog onMade={refresh} onClose={() => setMaking(false)} /> : null}
      {revoking === undefined ? null : (
        <RevokeDialog
          apiKey={revoking}
          onRevoked={refresh}
          onClose={() => setRevoking(undefined)}
        />
      )}
    </>
  )
}

function RevokeDialog(props: {
  readonly apiKey: KeyInfo
  readonly onRevoked: () => unknown
  readonly onClose: () => void
}) {
  const { apiKey, onRevoked, onClose } = props
  const revoke = useMutation({
    mutationFn: () => revokeKey(apiKey.id),
    onSuccess: () => {
      onClose()
      return onRevoked()
    },
  })
  return (
    <ConfirmDialog
      title={`Revoke “${visibleText(apiKey.name)}”?`}
      action="Revoke"
      act={revoke}
      onClose={onClose}
    >
      <p>
        Whatever uses this key is refused from its next request on, and viewer links made with it
        end. A revoked key can’t be brought back.
      </p>
      <p>
        Last used: <Instant time={apiKey.lastUsed} />
      </p>
    </ConfirmDialog>
  )
}
