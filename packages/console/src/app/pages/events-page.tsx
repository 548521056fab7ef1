import { useLogs, useSession } from '../session/session.ts'
import { Notice } from '../ui/notice.tsx'
import { Events } from './events.tsx'
import { RoutedView } from './routed-view.tsx'
import { TopBar } from './top-bar.tsx'

/** The console's page of events, of every log that may be read. */
export function EventsPage() {
  const session = useSession().data
  const mayRead = session?.scopes.includes('read') === true
  const logs = useLogs(mayRead)
  if (!mayRead) {
    return (
      <div className="page">
        <TopBar tenant={undefined} tenants={[]} />
        <main className="centred">
          <Notice kind="locked" isPage title="You may not read events">
            <p>
              You are signed in as <strong>{session?.name}</strong>, whose role can submit events
              but not read them. Ask an administrator for the role <em>auditor</em>.
            </p>
          </Notice>
        </main>
      </div>
    )
  }
  if (logs.isPending) return <div className="page" aria-busy="true" />
  if (logs.isError) {
    return (
      <main className="centred">
        <Notice kind="error" isPage title="The logs can’t be listed" onRetry={logs.refetch}>
          {logs.error.message}
        </Notice>
      </main>
    )
  }
  const tenants = logs.data.map(({ tenant }) => tenant)
  return (
    <RoutedView>
      <Events
        tenants={tenants}
        mayExport={session.scopes.includes('export')}
        owner={session.id}
        Head={TopBar}
      />
    </RoutedView>
  )
}
