import './app/ui/tokens.css'
import './app/ui/base.css'
import { CSPProvider } from '@base-ui/react/csp-provider'
import { QueryClientProvider } from '@tanstack/react-query'
import { type ReactNode, StrictMode, useLayoutEffect } from 'react'
import { createRoot } from 'react-dom/client'
import { authorizeBy, byToken } from './app/api/credential.ts'
import { createQueryClient } from './app/api/query-client.ts'
import { createBox, useBox } from './app/embed/box.ts'
import { awaitHost } from './app/embed/host.ts'
import { KeptView, type Wish } from './app/embed/kept-view.tsx'
import { takeParameters } from './app/embed/parameters.ts'
import { applyTheme } from './app/embed/theme.ts'
import { Viewer } from './app/embed/viewer.tsx'
import { PreferencesProvider } from './app/preferences/preferences.tsx'
import { sessionKey } from './app/session/session.ts'
import { CrashBoundary } from './app/ui/crash-boundary.tsx'
import { useMedia } from './app/ui/use-size.ts'

// The token leaves the address bar before anything else happens.
const parameters = takeParameters(window)
const token = createBox(parameters.token)
const theme = createBox(parameters.theme)
const wish = createBox<Wish | undefined>(undefined)
authorizeBy(byToken(() => token.read() ?? ''))

// Another link, pasted where this one was, changes no more than the hash: it would stand there unread.
addEventListener('hashchange', () => {
  if (location.hash === '') return
  takeParameters(window)
  location.reload()
})

const refreshSession = () => void client.invalidateQueries({ queryKey: sessionKey })
/** By asking whose the token is: another one may have come while a request was under way. */
const client = createQueryClient(refreshSession)

const host = awaitHost((message) => {
  if (message.kind === 'theme') theme.put(message.theme)
  else if (message.kind === 'query') wish.put(message)
  else if (message.token !== token.read()) {
    token.put(message.token)
    refreshSession()
  }
})

/** The looks are the host’s to choose. */
function Themed({ children }: { readonly children: ReactNode }) {
  const wanted = useBox(theme)
  const systemIsDark = useMedia('(prefers-color-scheme: dark)')
  useLayoutEffect(() => applyTheme(wanted, systemIsDark), [wanted, systemIsDark])
  return <PreferencesProvider given={JSON.stringify(wanted)}>{children}</PreferencesProvider>
}

const root = document.getElementById('root')
if (root === null) throw new Error('embed.html has no #root.')
createRoot(root).render(
  <StrictMode>
    <CSPProvider disableStyleElements>
      <Themed>
        <QueryClientProvider client={client}>
          <CrashBoundary>
            <KeptView initial={parameters.view} wish={wish}>
              <Viewer token={token} host={host} />
            </KeptView>
          </CrashBoundary>
        </QueryClientProvider>
      </Themed>
    </CSPProvider>
  </StrictMode>,
)
