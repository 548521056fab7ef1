import './app/ui/tokens.css'
import './app/ui/base.css'
import { CSPProvider } from '@base-ui/react/csp-provider'
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { authorizeBy, byCookie } from './app/api/credential.ts'
import { ApiProblem, isPassing } from './app/api/problem.ts'
import { PreferencesProvider } from './app/preferences/preferences.tsx'
import { AppRoutes } from './app/routes.tsx'
import { followSession } from './app/session/follow-session.ts'
import { sessionKey } from './app/session/session.ts'
import { CrashBoundary } from './app/ui/crash-boundary.tsx'

authorizeBy(byCookie)

/** A session that ended is noticed by whatever asks next; signing in goes on at the same place. */
function onError(error: unknown): void {
  if (error instanceof ApiProblem && error.status === 401) client.setQueryData(sessionKey, null)
}

/** An act may also be refused for the password it carries, while the session is good: that is asked. */
function onActError(error: unknown): void {
  if (error instanceof ApiProblem && error.status === 401) {
    void client.invalidateQueries({ queryKey: sessionKey })
  }
}

const client = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError: onActError }),
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      retry: (failures, error) => failures < 2 && isPassing(error),
    },
  },
})

followSession(client)

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root.')
createRoot(root).render(
  <StrictMode>
    <CSPProvider disableStyleElements>
      <PreferencesProvider>
        <QueryClientProvider client={client}>
          <CrashBoundary>
            <AppRoutes />
          </CrashBoundary>
        </QueryClientProvider>
      </PreferencesProvider>
    </CSPProvider>
  </StrictMode>,
)
