import type { Entry } from '@indelible/protocol'
import { useEffect, useState } from 'react'
import { type Filters, searchEvents } from '../api/calls.ts'
import { pause } from '../api/event-stream.ts'
import { isPassing } from '../api/problem.ts'
import { keyOf } from './event-grid.tsx'
import { type LiveStatus, liveEntriesMax } from './use-live.ts'

const pollMs = 2_000
const pageEntries = 100

interface Polled {
  readonly filters: string
  /** Newest first, from those that were the newest when it began. */
  readonly entries: readonly Entry[]
  /** Of those, how many came since. */
  readonly freshCount: number
  readonly status: LiveStatus
}

/**
 * Follows all logs at once: a stream each would be too many, so every two seconds the newest page is
 * asked for, and further ones only until one reaches back to what is known.
 */
export function useLivePoll(
  filters: Filters,
  options: { readonly active: boolean; readonly onOpen: () => void },
) {
  const { active, onOpen } = options
  const asked = JSON.stringify(filters)
  const [polled, setPolled] = useState<Polled>()
  useEffect(() => {
    if (!active) return
    const controller = new AbortController()
    setPolled({ filters: asked, entries: [], freshCount: 0, status: 'connecting' })
    void poll(JSON.parse(asked), controller.signal, (found) => {
      setPolled((before) => ({ filters: asked, entries: [], freshCount: 0, ...before, ...found }))
      if (found.isFirst) onOpen()
    })
    return () => controller.abort()
  }, [active, asked, onOpen])
  const isOurs = polled?.filters === asked
  return {
    entries: isOurs ? polled.entries : none,
    freshCount: isOurs ? polled.freshCount : 0,
    status: active && isOurs ? polled.status : ('off' as const),
  }
}

const none: readonly Entry[] = []

async function poll(
  filters: Filters,
  signal: AbortSignal,
  report: (found: Partial<Polled> & { status: LiveStatus; isFirst?: boolean }) => void,
): Promise<void> {
  let entries: readonly Entry[] | undefined
  let freshCount = 0
  while (!signal.aborted) {
    try {
      const fresh: readonly Entry[] = await readNewer(filters, entries, signal)
      const isFirst = entries === undefined
      if (!isFirst) freshCount = Math.min(freshCount + fresh.length, liveEntriesMax)
      entries = [...fresh, ...(entries ?? [])].slice(0, liveEntriesMax)
      report({ entries, freshCount, status: 'live', isFirst })
    } catch (error) {
      if (signal.aborted) return
      const isLost = !isPassing(error)
      report({ status: isLost ? 'lost' : 'connecting' })
      if (isLost) return
    }
    await pause(pollMs, signal)
  }
}

/** What came since `known`, newest first; without it, the newest page. */
async function readNewer(
  filters: Filters,
  known: readonly Entry[] | undefined,
  signal: AbortSignal,
): Promise<readonly Entry[]> {
  const keys = new Set(known?.map(keyOf))
  const fresh: Entry[] = []
  for (let cursor: string | undefined; ; ) {
    const page = await searchEvents({ ...filters, cursor, limit: pageEntries }, signal)
    const unknown = page.entries.filter((entry) => !keys.has(keyOf(entry)))
    fresh.push(...unknown)
    // A short page stopped at what the search takes upon itself: what is behind it is older.
    const isEnough = unknown.length < pageEntries || known === undefined
    if (isEnough || page.next === null || fresh.length >= liveEntriesMax) return fresh
    cursor = page.next
  }
}
