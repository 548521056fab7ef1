import type { QueryClient } from '@tanstack/react-query'
import { sessionKey } from './session.ts'

const channelName = 'indelible.session'

/** Tells the browser's other tabs: the cookie is theirs, too. */
export function announceSession(): void {
  const channel = new BroadcastChannel(channelName)
  channel.postMessage('changed')
  channel.close()
}

/** Asks who is signed in whenever another tab may have changed it. */
export function followSession(client: QueryClient): void {
  new BroadcastChannel(channelName).onmessage = () =>
    void client.invalidateQueries({ queryKey: sessionKey })
}
