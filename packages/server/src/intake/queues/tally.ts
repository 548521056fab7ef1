import type { Clock } from '../../base/clock.ts'
import type { QueueMessage } from './source.ts'

/** Figures of one queue, for /metrics and /readyz. */
export interface QueueFigures {
  readonly broker: string
  readonly queue: string
  readonly connected: boolean
  /** Messages that the broker has handed to nobody, when it was last asked. */
  readonly ready: number
  /** Messages this service holds and has not acknowledged. */
  readonly held: number
  /** Since the oldest message held was published; 0 where none is held or says when. */
  readonly oldestAgeS: number
  /** Messages since the start: appended, dead-lettered, and handed over not for the first time. */
  readonly consumed: number
  readonly deadLettered: number
  readonly redelivered: number
  /** Why it waits, if it does. */
  readonly waitsFor: string | null
}

/** Counts what happens to the messages of one queue. */
export function createTally(options: {
  readonly broker: string
  readonly queue: string
  readonly clock: Clock
}) {
  const { broker, queue, clock } = options
  const held = new Set<QueueMessage>()
  let connected = false
  let ready = 0
  let waitsFor: string | null = null
  const counts = { consumed: 0, deadLettered: 0, redelivered: 0 }

  /** In the order of arrival, but what came again may be older: all are asked. */
  const findOldest = (): number => {
    let oldest = Infinity
    for (const { publishedMs } of held) {
      if (publishedMs !== undefined && publishedMs < oldest) oldest = publishedMs
    }
    return oldest
  }
  return {
    take(message: QueueMessage): void {
      held.add(message)
      if (message.deliveriesBefore > 0) counts.redelivered += 1
    },
    leave(message: QueueMessage, as: 'consumed' | 'deadLettered' | 'given back'): void {
      held.delete(message)
      if (as === 'given back') return
      counts[as] += 1
      waitsFor = null
    },
    setConnected(is: boolean): void {
      connected = is
      if (is) waitsFor = null
      else ready = 0
    },
    setReady(messages: number): void {
      ready = messages
    },
    /** @param reason a sentence without credentials: /readyz is open */
    waitFor(reason: string): void {
      waitsFor = reason
    },
    read(): QueueFigures {
      const oldestAgeS = Math.max(0, Math.round((clock() - findOldest()) / 1000))
      return {
        ...{ broker, queue, connected, ready, held: held.size },
        oldestAgeS: Number.isFinite(oldestAgeS) ? oldestAgeS : 0,
        ...counts,
        waitsFor,
      }
    },
  }
}

export type Tally = ReturnType<typeof createTally>
