import { lazy, Suspense } from 'react'

const Alarm = lazy(async () => ({ default: (await import('./log-alarm.tsx')).LogAlarm }))
const Status = lazy(async () => ({ default: (await import('./log-status.tsx')).LogStatus }))

interface WatchProps {
  readonly tenants: readonly string[]
}

/** Above every page, with the trust kernel behind it: neither holds up the page. */
export const LogAlarm = (props: WatchProps) => (
  <Suspense>
    <Alarm {...props} />
  </Suspense>
)

export const LogStatus = (props: WatchProps) => (
  <Suspense>
    <Status {...props} />
  </Suspense>
)
