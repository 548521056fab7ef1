import { Popover } from '@base-ui/react/popover'
import { Icon } from '../ui/icon.tsx'
import { visibleText } from '../ui/visible-text.ts'
import { NewKey } from './proof-panel.tsx'
import { failures } from './report.ts'
import { useLogProofs } from './use-proof.ts'

/** Above the page: whether the logs still are the ones this browser saw before. */
export function LogStatus({ tenants }: { readonly tenants: readonly string[] }) {
  const proofs = useLogProofs(tenants)
  if (proofs.length === 0 || proofs.some(({ status }) => status === 'failed')) return null
  const title =
    proofs.length === 1 ? 'Checkpoint verified' : `${proofs.length} checkpoints verified`
  return (
    <Popover.Root>
      <Popover.Trigger className="button quiet log-status" aria-label={title}>
        <Icon name="shield" />
        <span className="log-status-text">{title}</span>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner sideOffset={6} align="end" className="layer">
          <Popover.Popup className="menu log-status-popup" aria-label={title}>
            <p>
              This browser pinned each log’s key when it first saw it, verifies each new
              checkpoint’s signature, and that the log only grew since the one before.
            </p>
            <table>
              <thead>
                <tr>
                  <th>Log</th>
                  <th>Entries signed</th>
                  <th>Pinned</th>
                </tr>
              </thead>
              <tbody>
                {proofs.map(({ facts: { tenant, size, pinned } }) => (
                  <tr key={tenant}>
                    <td>{tenant}</td>
                    <td>{size?.toLocaleString('en')}</td>
                    <td>{pinned?.slice(0, 10)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  )
}

/** A log that is not the one seen before: over everything, until it is. */
export function LogAlarm({ tenants }: { readonly tenants: readonly string[] }) {
  return useLogProofs(tenants).map(({ facts: { tenant }, results }) => {
    const failed = results.find(({ status }) => status === 'failed')
    if (failed === undefined) return null
    return (
      <div className="log-alarm" role="alert" key={tenant}>
        <Icon name="alert" />
        <p>
          <strong>
            Verification failed for the log {visibleText(tenant)}. {failures[failed.check]}
          </strong>{' '}
          {visibleText(failed.detail)}
        </p>
        {failed.check === 'key' ? <NewKey tenant={tenant} /> : null}
      </div>
    )
  })
}
