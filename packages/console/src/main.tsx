import './app/ui/tokens.css'
import './app/ui/base.css'
import { CSPProvider } from '@base-ui/react/csp-provider'
import { QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { authorizeBy, byCookie } from './app/api/credential.ts'
import { createQueryClient } from './app/api/query-client.ts'
import { PreferencesProvider } from './app/preferences/preferences.tsx'
import { AppRoutes } from './app/routes.tsx'
import { followSession } from './app/session/follow-session.ts'
import { sessionKey } from './app/session/session.ts'
import { CrashBoundary } from './app/ui/crash-boundary.tsx'

authorizeBy(byCookie)

/**
 * A session that ended is noticed by whatever asks next, and signing in goes on at the same place. An
 * act may also be refused for the password it carries, while the session is good: so that is asked.
 */
const client = createQueryClient(() => void client.invalidateQueries({ queryKey: sessionKey }))

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
