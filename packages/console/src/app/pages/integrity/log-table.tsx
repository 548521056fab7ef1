import type { AuditState, LogInfo } from '@indelible/protocol'
import type { ComponentProps } from 'react'
import { Link } from 'react-router'
import { paths } from '../../paths.ts'
import { useLogProof } from '../../proof/use-proof.ts'
import { type Columns, DataTable } from '../../ui/data-table.tsx'
import { formatCount, formatNumber } from '../../ui/figures.ts'
import { Instant } from '../../ui/instant.tsx'
import { Notice } from '../../ui/notice.tsx'
import { visibleText } from '../../ui/visible-text.ts'
import { useAudits } from './audits.ts'

/** Logs that are checked without being opened: three small requests each. */
export const checkedMax = 12

interface Row {
  readonly log: LogInfo
  readonly isOpen: boolean
  readonly isChecked: boolean
}

const columns: Columns<Row> = [
  {
    title: 'Log',
    cell: ({ log: { tenant }, isOpen }) => (
      <Link
        to={paths.integrityOf(tenant)}
        aria-current={isOpen ? 'true' : undefined}
        preventScrollReset
      >
        {visibleText(tenant)}
      </Link>
    ),
  },
  { title: 'Entries', numeric: true, cell: ({ log }) => formatNumber(log.size) },
  {
    title: 'Newest checkpoint',
    cell: ({ log: { checkpoint } }) => <Instant time={checkpoint?.time ?? null} none="none yet" />,
  },
  {
    title: 'Checkpoint in this browser',
    cell: ({ log: { tenant }, isChecked }) =>
      isChecked ? <ProofBadge tenant={tenant} /> : <span className="faint">open to verify</span>,
  },
  { title: 'Last audit', cell: ({ log: { tenant } }) => <AuditBadge tenant={tenant} /> },
]

/** Every log with what is known of its state; the opened one is told in full beside it. */
export function LogTable({ rows }: Pick<ComponentProps<typeof DataTable<Row>>, 'rows'>) {
  return (
    <DataTable
      label="Logs"
      rows={rows}
      columns={columns}
      keyOf={({ log }) => log.tenant}
      empty={
        <Notice kind="empty" title="No logs yet">
          A log begins with its tenant’s first event.
        </Notice>
      }
    />
  )
}

export function ProofBadge({ tenant }: { readonly tenant: string }) {
  const { data, error } = useLogProof(tenant)
  if (data?.status === 'verified') return <span className="badge success">Verified</span>
  if (data?.status === 'failed') return <span className="badge failure">Failed</span>
  return <span className="badge">{error === null ? 'Verifying…' : 'Not verified'}</span>
}

/** What the last audit said of one log. */
export const auditOf = (state: AuditState | undefined, tenant: string) =>
  state?.last?.logs.find((one) => one.tenant === tenant)

export function AuditBadge({ tenant }: { readonly tenant: string }) {
  const audits = useAudits().data
  if (audits === undefined) return <span className="faint">…</span>
  const audited = auditOf(audits, tenant)
  if (audited === undefined) return <span className="faint">not yet</span>
  const { ok, findings } = audited
  if (ok === true) return <span className="badge success">Passed</span>
  if (ok === null) return <span className="badge">Could not say</span>
  return <span className="badge failure">{formatCount(findings, 'fault')}</span>
}
