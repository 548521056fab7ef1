import type { Entry } from '@indelible/protocol'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { type Filters, streamPath } from '../api/calls.ts'
import { followEvents } from '../api/event-stream.ts'
import { sessionKey } from '../session/session.ts'

export type LiveStatus = 'off' | 'connecting' | 'live' | 'lost'

/** Entries that came live, newest first, at most so many: older ones are found by searching again. */
export const liveEntriesMax = 5_000

interface Followed {
  readonly path: string
  readonly entries: readonly Entry[]
}
const none: readonly Entry[] = []

/**
 * Follows a log by server-sent events. The stream begins with the next entry, so the list is read
 * again once it is open; between the two nothing can slip through.
 */
export function useLive(
  filters: Filters,
  options: { readonly active: boolean; readonly onOpen: () => void },
) {
  const { active, onOpen } = options
  const client = useQueryClient()
  const [status, setStatus] = useState<LiveStatus>('off')
  const [followed, setFollowed] = useState<Followed>()
  const path = streamPath(filters)
  useEffect(() => {
    // What came stays in the list, also when nobody follows it any more.
    if (!active) return setStatus('off')
    setFollowed({ path, entries: [] })
    setStatus('connecting')
    const controller = new AbortController()
    const { signal } = controller
    const following = followEvents(path, {
      signal,
      onOpen() {
        setStatus('live')
        onOpen()
      },
      onData(data) {
        const entry = JSON.parse(data) as Entry // what the service's own schema serialised
        setFollowed((before) => ({
          path,
          entries: [entry, ...(before?.entries ?? [])].slice(0, liveEntriesMax),
        }))
      },
      onBreak: () => setStatus('connecting'),
    })
    following.catch(() => {
      if (signal.aborted) return
      setStatus('lost')
      // Refused for good: perhaps the session is over.
      void client.invalidateQueries({ queryKey: sessionKey })
    })
    return () => controller.abort()
  }, [active, path, client, onOpen])
  return { status, entries: followed?.path === path ? followed.entries : none }
}
