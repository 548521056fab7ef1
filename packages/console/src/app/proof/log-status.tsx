import { Popover } from '@base-ui/react/popover'
import { usePreferences } from '../preferences/preferences.tsx'
import { formatInstant } from '../time/format.ts'
import { formatNumber } from '../ui/figures.ts'
import { Icon } from '../ui/icon.tsx'
import { visibleText } from '../ui/visible-text.ts'
import type { ProofReport } from './report.ts'
import { useLogChecks } from './use-proof.ts'

/** Above the page: whether the logs still are the ones this browser saw before. */
export function LogStatus({ tenants }: { readonly tenants: readonly string[] }) {
  const checks = useLogChecks(tenants)
  const { reports, hindrance } = checks
  if (reports.some(({ status }) => status === 'failed')) return null
  if (reports.length === 0 && hindrance === undefined) return null
  const count = reports.length === 1 ? 'Checkpoint' : `${reports.length} checkpoints`
  const title = hindrance === undefined ? `${count} verified` : 'Can’t check now'
  return (
    <Popover.Root>
      <Popover.Trigger
        className="button quiet log-status"
        aria-label={title}
        data-hindered={hindrance === undefined ? undefined : ''}
      >
        <Icon name={hindrance === undefined ? 'shield' : 'alert'} />
        <span className="log-status-text">{title}</span>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner sideOffset={6} align="end" className="layer">
          <Popover.Popup className="menu log-status-popup" aria-label={title}>
            <Checks {...checks} />
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  )
}

function Checks(props: ReturnType<typeof useLogChecks>) {
  const { reports, hindrance, checked, isChecking, check } = props
  const utc = usePreferences().timeStyle === 'utc'
  return (
    <>
      {hindrance === undefined ? null : (
        <p className="log-status-hindrance" role="status">
          {visibleText(hindrance)} What is said here of the logs is from before.
        </p>
      )}
      <p>
        This browser pinned each log’s key when it first saw it, verifies each new checkpoint’s
        signature, and that the log only grew since the one before.
      </p>
      {reports.length === 0 ? null : <Logs reports={reports} />}
      <p className="log-status-foot">
        <span>
          {checked === 0 ? 'Not yet checked' : `Checked ${formatInstant(checked, { utc })}`}
        </span>
        <button type="button" className="button" aria-disabled={isChecking} onClick={check}>
          <Icon name="refresh" /> Check now
        </button>
      </p>
    </>
  )
}

const Logs = ({ reports }: { readonly reports: readonly ProofReport[] }) => (
  <table>
    <thead>
      <tr>
        <th>Log</th>
        <th>Entries signed</th>
        <th>Pinned</th>
      </tr>
    </thead>
    <tbody>
      {reports.map(({ facts: { tenant, size, pinned } }) => (
        <tr key={tenant}>
          <td>{tenant}</td>
          <td>{size === undefined ? '' : formatNumber(size)}</td>
          <td>{pinned?.slice(0, 10)}</td>
        </tr>
      ))}
    </tbody>
  </table>
)
