import { useSearchParams } from 'react-router'
import { useLogs } from '../../session/session.ts'
import { Notice } from '../../ui/notice.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { AuditPanel } from './audit-panel.tsx'
import { CheckYourself } from './check-yourself.tsx'
import { LogDetails } from './log-details.tsx'
import { checkedMax, LogTable } from './log-table.tsx'
import { Receipts } from './receipts.tsx'
import '../../ui/panel.css'
import './integrity.css'

const refreshMs = 10_000

/** Whether what is kept is what was signed: by the service's word, this browser's, and one's own. */
export function IntegrityPage() {
  const [search] = useSearchParams()
  const logs = useLogs(true, refreshMs)
  const named = search.get('log')
  const all = logs.data ?? []
  const opened =
    named === null
      ? (all.find(({ tenant }) => tenant === 'default') ?? all[0])
      : all.find(({ tenant }) => tenant === named)
  const rows = logs.data?.map((log, n) => ({
    log,
    isOpen: log === opened,
    isChecked: n < checkedMax || log === opened,
  }))
  return (
    <div className="integrity">
      <PageHead title="Integrity">
        Every entry is bound into its log by hashes, and every log is signed. Here you see that it
        still holds, and check it yourself.
      </PageHead>
      <AuditPanel />
      <LogTable rows={{ ...logs, data: rows }} />
      {opened === undefined ? (
        logs.data === undefined || named === null ? null : (
          <Notice kind="empty" title="There is no such log">
            It may have another name, or you may not read it.
          </Notice>
        )
      ) : (
        <>
          <LogDetails key={opened.tenant} log={opened} />
          <Receipts tenant={opened.tenant} tenants={all.map(({ tenant }) => tenant)} />
          <CheckYourself log={opened} />
        </>
      )}
    </div>
  )
}
