import { Refusal } from '../base/refusal.ts'
import type { Remote } from './port.ts'
import type { ReaderCalls } from './reader.ts'

/** A reader that can't even start must not be started in a tight loop. */
const restartMs = 1_000

interface Slot {
  /** Undefined between the death of a thread and the start of the next. */
  reader: Remote<ReaderCalls> | undefined
  underWay: number
  isStarted: boolean
}

export interface ReaderPool {
  /** Each call goes to the thread with the fewest under way. */
  readonly calls: ReaderCalls
  close(): Promise<void>
}

/**
 * Threads that read. Nothing is lost with one: a query too large for its memory fails alone, and
 * another thread takes its place. Without that, a dead one would get every call, having the fewest
 * under way.
 */
export function createReaderPool(options: {
  readonly count: number
  readonly start: (onDeath: () => void) => Remote<ReaderCalls>
}): ReaderPool {
  const { count, start } = options
  const slots: Slot[] = Array.from({ length: count }, () => ({
    reader: undefined,
    underWay: 0,
    isStarted: false,
  }))
  let isClosing = false

  const fill = (slot: Slot): void => {
    if (isClosing) return
    slot.isStarted = true
    slot.reader = start(() => {
      slot.reader = undefined
      setTimeout(fill, restartMs, slot).unref()
    })
  }
  const pick = (): Slot & { readonly reader: Remote<ReaderCalls> } => {
    const live = slots.filter((slot) => slot.reader !== undefined)
    const idle = slots.find((slot) => !slot.isStarted)
    if (idle !== undefined && live.every(({ underWay }) => underWay > 0)) fill(idle)
    const first = slots
      .filter((slot) => slot.reader !== undefined)
      .toSorted((a, b) => a.underWay - b.underWay)[0]
    // Filtered above; a filter does not narrow a member.
    if (first !== undefined) return first as ReturnType<typeof pick>
    const detail = 'The threads that read are being started again. Ask again soon.'
    throw new Refusal('store-unavailable', { detail, retryAfterS: 1 })
  }
  // One to begin with; the others when all that run are busy: each holds 20 MB.
  for (const slot of slots.slice(0, 1)) fill(slot)

  const calls = new Proxy({} as ReaderCalls, {
    get:
      (_, name: keyof ReaderCalls) =>
      async (...args: unknown[]) => {
        const slot = pick()
        slot.underWay++
        try {
          const thread = slot.reader.calls as Record<
            string,
            (...args: unknown[]) => Promise<unknown>
          >
          return await thread[name]?.(...args)
        } finally {
          slot.underWay--
        }
      },
  })
  return {
    calls,
    async close() {
      isClosing = true
      for (const { reader } of slots) {
        await reader?.calls.close().catch(() => undefined) // it may have died this moment
        await reader?.stop()
      }
    },
  }
}
