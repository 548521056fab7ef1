import { Icon } from '../ui/icon.tsx'
import { visibleText } from '../ui/visible-text.ts'
import { NewKey } from './new-key.tsx'
import { failures } from './report.ts'
import { useLogProofs } from './use-proof.ts'
import './log-alarm.css'

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
