import { useRouteError } from 'react-router'
import { Notice } from './notice.tsx'

/** A bug of ours: said, with a way out, instead of an empty page. */
export function CrashPage() {
  const error = useRouteError()
  return (
    <main className="centred">
      <Notice kind="error" title="The console broke" onRetry={() => location.reload()}>
        {error instanceof Error ? error.message : 'Something unforeseen happened.'}
      </Notice>
    </main>
  )
}
