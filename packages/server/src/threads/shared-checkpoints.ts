import { setTimeout as delay } from 'node:timers/promises'
import { limits } from '@indelible/protocol'
import { put } from '../admin/records.ts'
import { Refusal } from '../base/refusal.ts'
import type { SigningRefusal } from '../ledger/publisher.ts'
import type { StoredCheckpoint } from '../store/store.ts'
import type { Threads } from './start-threads.ts'
import type { Checkpoints } from './threaded-ledger.ts'

/** How often the node that signs looks whether a log grew, and the others whether they are to. */
const lookMs = 100
const standByMs = 500
/** How often an idle service looks whether a cosignature is due for renewal. */
const idleCheckMs = 30_000
/** How often a checkpoint that is waited for is looked for. */
const waitMs = 100

/** Where the node that signs tells the others which logs it does not sign. */
export const refusalsSetting = 'signing-refusals'

/**
 * Checkpoints of a store with several nodes: one of them signs, whichever it is; all read them from
 * the store, and one that takes over begins with a look at all logs.
 */
export function createSharedCheckpoints(options: {
  readonly threads: Pick<Threads, 'publisher' | 'writer' | 'reader'>
  /** By a steady clock. */
  readonly now: () => number
  /** Told of a round that failed; it is due again soon. */
  readonly onFault: (error: unknown) => void
}): Checkpoints & {
  readonly signs: boolean
  /** What the node that signs has written down for all. */
  learnRefusals(text: string): void
  start(): void
  /** A last round, and the lock is free for another node. */
  close(): Promise<void>
} {
  const { threads, now, onFault } = options
  let signs = false
  let signed = 0
  let refusals: readonly SigningRefusal[] = []
  /** The figure of growth that the last round covered. */
  let covered: string | undefined
  let lastRoundAt = Number.NEGATIVE_INFINITY
  /** Signed and not kept yet, by tenant: the guard is past them, and only we hold them. */
  const unsaved = new Map<string, StoredCheckpoint>()
  const closing = new AbortController()
  let running: Promise<void> = Promise.resolve()
  const reading = new Map<string, Promise<StoredCheckpoint | undefined>>()

  const look = async (isLast: boolean): Promise<void> => {
    const turn = await threads.publisher.takeTurn()
    signs = turn.signs
    if (!signs) {
      covered = undefined
      unsaved.clear()
      return
    }
    const idleMs = now() - lastRoundAt
    const isGrown = turn.growth !== covered && (isLast || idleMs >= limits.checkpointIntervalMs)
    if (isGrown || idleMs >= idleCheckMs) await runRound(turn.growth)
  }
  const runRound = async (growth: string): Promise<void> => {
    lastRoundAt = now()
    const result = await threads.publisher.publish()
    for (const checkpoint of result.checkpoints) unsaved.set(checkpoint.tenant, checkpoint)
    if (unsaved.size > 0) {
      await threads.writer.saveCheckpoints([...unsaved.values()])
      signed += unsaved.size
      unsaved.clear()
    }
    const text = JSON.stringify(result.refusals)
    if (text !== JSON.stringify(refusals)) {
      const record = put('setting', refusalsSetting, { id: refusalsSetting, value: text })
      await threads.writer.note(record)
      refusals = result.refusals
    }
    covered = growth
  }
  /** That the store is out of reach, the watch tells once (node-watch.ts). */
  const report = (error: unknown): void => {
    const isOut = error instanceof Refusal && error.code === 'store-unavailable'
    if (!isOut) onFault(error)
  }
  const run = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      await look(false).catch((error: unknown) => {
        signs = false
        report(error)
      })
      const { signal } = closing
      await delay(signs ? lookMs : standByMs, undefined, { signal, ref: false }).catch(() => {})
    }
  }

  /** One question to the store at a time for each log, however many wait for it. */
  const read = (tenant: string): Promise<StoredCheckpoint | undefined> => {
    const underWay = reading.get(tenant)
    if (underWay !== undefined) return underWay
    const mine = threads.reader.readCheckpoint(tenant).finally(() => reading.delete(tenant))
    reading.set(tenant, mine)
    return mine
  }

  return {
    read,
    get refusals() {
      return refusals
    },
    get signed() {
      return signed
    },
    get signs() {
      return signs
    },
    learnRefusals(text) {
      refusals = JSON.parse(text) // written by runRound
    },
    async wait(tenant, size, signal) {
      while (((await read(tenant))?.size ?? 0) < size) {
        if (signal.aborted) return false
        await delay(waitMs, undefined, { signal }).catch(() => {})
      }
      return true
    },
    start() {
      running = run()
    },
    async close() {
      closing.abort()
      await running
      await look(true).catch(report)
    },
  }
}
