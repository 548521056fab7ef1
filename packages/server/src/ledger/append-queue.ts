import { type Head, limits, systemTenant } from '@indelible/protocol'
import { Refusal } from '../base/refusal.ts'
import type { AppendOutcome, AppendRequest } from './append-request.ts'

interface Waiting {
  readonly request: AppendRequest
  /** Of its first event: who fills the queue names no other. */
  readonly log: string
  readonly bytes: number
  /** When it was accepted. */
  readonly at: number
  readonly resolve: (heads: Head[]) => void
  readonly reject: (error: unknown) => void
}

/**
 * Requests waiting for the writer. Whatever comes in while one group is committed forms the next
 * (group commit). Bounded in bytes; beyond the bound the caller is told to come back, and nothing
 * that was accepted is ever dropped.
 */
export function createAppendQueue(options: {
  /** Commits a group; see sequencer.ts. Rejects when the store failed and nothing was kept. */
  readonly commit: (requests: readonly AppendRequest[]) => Promise<readonly AppendOutcome[]>
  readonly bytesMax?: number
  /** Milliseconds that never go backwards. */
  readonly now?: () => number
}) {
  const { commit, bytesMax = limits.appendQueueBytesMax, now = () => performance.now() } = options
  let waiting: Waiting[] = []
  /** Bytes of everything accepted and not yet answered, in all and by log. */
  let bytesHeld = 0
  const bytesHeldOf = new Map<string, number>()
  /** One group at a time. More would be smaller, and a message to a thread costs 20 µs or more. */
  let underWay: readonly Waiting[] = []
  let flushIsScheduled = false

  const answer = (group: readonly Waiting[], outcomes: readonly AppendOutcome[]): void => {
    for (const [n, { resolve, reject }] of group.entries()) {
      const outcome = outcomes[n]
      if (outcome === undefined) reject(new Error('The writer gave no outcome.'))
      else if ('heads' in outcome) resolve([...outcome.heads])
      else reject(outcome.refusal)
    }
  }

  const hold = (log: string, bytes: number): void => {
    bytesHeld += bytes
    const left = (bytesHeldOf.get(log) ?? 0) + bytes
    if (left > 0) bytesHeldOf.set(log, left)
    else bytesHeldOf.delete(log)
  }

  const send = async (group: readonly Waiting[]): Promise<void> => {
    underWay = group
    try {
      answer(group, await commit(group.map(({ request }) => request)))
    } catch (error) {
      for (const { reject } of group) reject(error)
    } finally {
      underWay = []
      for (const waited of group) hold(waited.log, -waited.bytes)
      flush()
    }
  }

  const flush = (): void => {
    flushIsScheduled = false
    if (waiting.length > 0 && underWay.length === 0) void send(takeGroup())
  }

  /** Whole requests, up to the bound of a commit group, and at least one. */
  const takeGroup = (): Waiting[] => {
    let events = 0
    let count = 0
    for (const { request } of waiting) {
      events += request.events.length
      if (count > 0 && events > limits.commitGroupEventsMax) break
      count++
    }
    const group = waiting.slice(0, count)
    waiting = waiting.slice(count)
    return group
  }

  return {
    /** @throws Refusal `pushback`, and what the writer refuses or fails with */
    append(request: AppendRequest): Promise<Head[]> {
      const bytes = request.events.reduce((sum, event) => sum + event.bytes, 0)
      const log = request.events[0]?.tenant ?? systemTenant
      const own = bytesHeldOf.get(log) ?? 0
      const isFull = bytesHeld > 0 && bytesHeld + bytes > bytesMax
      if (isFull || (own > 0 && own + bytes > bytesMax * limits.appendQueueShareMax)) {
        const detail = 'More events are waiting to be written than may wait. Send this again soon.'
        return Promise.reject(new Refusal('pushback', { detail, retryAfterS: 1 }))
      }
      hold(log, bytes)
      return new Promise((resolve, reject) => {
        waiting.push({ request, log, bytes, at: now(), resolve, reject })
        if (flushIsScheduled) return
        flushIsScheduled = true
        // After this turn's I/O: every request that arrived together travels together.
        setImmediate(flush)
      })
    },
    get bytesHeld() {
      return bytesHeld
    },
    bytesMax,
    /** Milliseconds since the oldest that is not answered yet was accepted; 0 where none is. */
    get ageMs() {
      const [oldest] = underWay.length > 0 ? underWay : waiting
      return oldest === undefined ? 0 : Math.round(now() - oldest.at)
    },
    /** Resolves when everything accepted has been answered. */
    async drain(): Promise<void> {
      while (bytesHeld > 0 || underWay.length > 0 || waiting.length > 0) {
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
  }
}
