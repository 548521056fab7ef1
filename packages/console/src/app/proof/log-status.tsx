import { Popover } from '@base-ui/react/popover'
import { Icon } from '../ui/icon.tsx'
import { NewKey, Results } from './proof-panel.tsx'
import { useLogProof } from './use-proof.ts'

/** Above the page: whether the log still is the one this browser saw before. */
export function LogStatus({ tenant }: { readonly tenant: string }) {
  const proof = useLogProof(tenant)
  if (proof.data === undefined) return null
  const { status, results, facts } = proof.data
  if (status === 'failed') return null
  const since = facts.pinned?.slice(0, 10)
  return (
    <Popover.Root>
      <Popover.Trigger className="button quiet log-status" aria-label="The log only grew">
        <Icon name="shield" />
        <span className="log-status-text">Log intact</span>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner sideOffset={6} align="end" className="layer">
          <Popover.Popup className="menu log-status-popup" aria-label="The log">
            <p>
              This browser watches the log <strong>{tenant}</strong> since {since}: its key is the
              same, and it only grew, to {facts.size?.toLocaleString('en')} entries.
            </p>
            <Results results={results} />
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  )
}

/** A log that is not the one seen before: over everything, until it is. */
export function LogAlarm({ tenant }: { readonly tenant: string }) {
  const { data } = useLogProof(tenant)
  const failed = data?.results.find(({ status }) => status === 'failed')
  if (failed === undefined) return null
  return (
    <div className="log-alarm" role="alert">
      <Icon name="alert" />
      <p>
        <strong>Verification failed for the log {tenant}.</strong> {failed.detail}
      </p>
      {failed.check === 'key' ? <NewKey tenant={tenant} /> : null}
    </div>
  )
}
