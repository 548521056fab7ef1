import { lazy, Suspense } from 'react'
import { identityOf, useSession } from '../session/session.ts'
import { Skeleton } from '../ui/skeleton.tsx'
import { type Box, useBox } from './box.ts'
import { Ended } from './ended.tsx'
import type { Host } from './host.ts'
import { useTokenEnd } from './use-token-end.ts'

const Events = lazy(async () => ({ default: (await import('../pages/events.tsx')).Events }))
const NoHead = () => null

interface ViewerProps {
  /** Undefined: none yet. Empty: there is none to be had now. */
  readonly token: Box<string | undefined>
  readonly host: Host
}

/** The events that a viewer token shows, or why it shows none. */
export function Viewer({ token, host }: ViewerProps) {
  const held = useBox(token)
  const session = useSession(held !== undefined && held !== '')
  const { data } = session
  const ask = () => host.tell({ kind: 'token-wanted', expired: true })
  useTokenEnd({ session: data, held, host })
  if (held === '') return <Missing onRetry={ask} />
  if (held === undefined || session.isPending) return <Waiting />
  if (session.isError) {
    return (
      <Ended icon="alert" title="The audit log can’t be reached" onRetry={session.refetch}>
        {session.error.message}
      </Ended>
    )
  }
  if (data === null || data === undefined) return <Over onRetry={ask} />
  if (data.kind !== 'viewer') return <WrongCredential />
  return (
    <Suspense fallback={<Waiting />}>
      <Events
        key={identityOf(data)}
        tenants={data.tenants}
        mayExport={data.scopes.includes('export')}
        Head={NoHead}
      />
    </Suspense>
  )
}

const Waiting = () => (
  <main>
    <Skeleton />
  </main>
)

const Over = ({ onRetry }: { readonly onRetry: () => void }) => (
  <Ended icon="clock" title="This view is over" onRetry={canAsk ? onRetry : undefined}>
    <p>
      It was open for a while only, or was closed.{' '}
      {canAsk ? 'Reload the page' : 'Go back to where you came from'} to open it anew; if that does
      not help, ask whoever showed it to you.
    </p>
  </Ended>
)

const Missing = ({ onRetry }: { readonly onRetry: () => void }) => (
  <Ended icon="shield" title="Nothing to show here yet" onRetry={canAsk ? onRetry : undefined}>
    <p>
      The page gave no access to an audit log. Reload it; if that does not help, ask whoever runs
      it.
    </p>
  </Ended>
)

/** A key or a session in a customer’s browser would be a hole: it is not used, whatever it may see. */
const WrongCredential = () => (
  <Ended icon="shield" title="This can’t be shown">
    <p>
      The viewer takes viewer tokens alone, and was given another credential. Whoever runs this page
      should make a token by <code>POST /v1/tokens</code>, and revoke what was sent here.
    </p>
  </Ended>
)

/** In a page that can give another token. */
const canAsk = parent !== window
