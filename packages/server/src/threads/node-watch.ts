import { setTimeout as delay } from 'node:timers/promises'
import { limits } from '@indelible/protocol'
import type { Clock } from '../base/clock.ts'
import type { Followers } from './followers.ts'
import type { ReaderCalls } from './reader.ts'

/**
 * How often a node looks what the others did: a key that was revoked is dead, and an entry is in
 * the streams, everywhere within this time and that of a query or two.
 */
const lookMs = 200
/** Without an answer for so long, the store is out of reach. */
const silenceMsMax = 3_000

/**
 * Looks at the store again and again, for what other nodes did. No LISTEN/NOTIFY: its queue takes
 * one lock for all commits of a server.
 */
export function createNodeWatch(options: {
  readonly reader: Pick<ReaderCalls, 'readAdminVersion' | 'readSizes' | 'readClock'>
  readonly followers: Followers
  /** Milliseconds that never go backwards. */
  readonly now: () => number
  /** The node's own, which is held against the database's. */
  readonly clock: Clock
  /** Told once when the store goes out of reach, and once when it is back. */
  readonly onOutage: (error: unknown) => void
  readonly onReturn: () => void
}) {
  const { reader, followers, now, clock, onOutage, onReturn } = options
  const closing = new AbortController()
  const sizes = new Map<string, number>()
  let catchUp: () => Promise<unknown> = () => reader.readAdminVersion()
  let seenAt = now()
  let isOut = false
  let skewMs = 0

  const lookAtGrowth = async (): Promise<void> => {
    const { followed } = followers
    for (const tenant of sizes.keys()) if (!followed.includes(tenant)) sizes.delete(tenant)
    if (followed.length === 0) return
    for (const [tenant, size] of await reader.readSizes(followed)) {
      // Also at first sight: it may have grown since its follower read it.
      if (sizes.get(tenant) !== size) followers.tell(tenant)
      sizes.set(tenant, size)
    }
  }
  const look = async (): Promise<void> => {
    try {
      // Who may no longer follow is known before anything is brought to them.
      await catchUp()
      await lookAtGrowth()
      skewMs = clock() - (await reader.readClock())
      seenAt = now()
      if (isOut) onReturn()
      isOut = false
    } catch (error) {
      if (!isOut) onOutage(error)
      isOut = true
    }
  }
  const run = async (): Promise<void> => {
    const { signal } = closing
    while (!signal.aborted) {
      await look()
      await delay(lookMs, undefined, { signal, ref: false }).catch(() => {})
    }
  }
  const running = run()

  return {
    /** Asks this from now on: it reads the version of administration, and what has changed. */
    follow(directory: { catchUp(): Promise<unknown> }): void {
      catchUp = () => directory.catchUp()
    },
    /** Milliseconds since the store last answered. */
    get silenceMs(): number {
      return Math.round(now() - seenAt)
    },
    get isReachable(): boolean {
      return !isOut && now() - seenAt <= silenceMsMax
    },
    /** How far this node's clock is ahead of the database's; beyond a minute nothing is appended. */
    get clockSkewMs(): number {
      return skewMs
    },
    get isInTime(): boolean {
      return Math.abs(skewMs) <= limits.clockSkewMsMax
    },
    async close(): Promise<void> {
      closing.abort()
      await running
    },
  }
}
