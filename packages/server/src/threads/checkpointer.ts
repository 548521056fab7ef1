import { limits } from '@indelible/protocol'
import { Refusal } from '../base/refusal.ts'
import type { SigningRefusal } from '../ledger/publisher.ts'
import type { StoredCheckpoint } from '../store/store.ts'
import type { Threads } from './start-threads.ts'

/** How often an idle service looks whether a cosignature is due for renewal. */
const idleCheckMs = 30_000

/**
 * Drives the publisher: a round soon after a log grew, and now and then when idle. A checkpoint is
 * kept by the writer before anyone is told of it.
 */
export function createCheckpointer(options: {
  readonly threads: Pick<Threads, 'publisher' | 'writer' | 'reader'>
  /** By a steady clock. */
  readonly now: () => number
  readonly onFault: (error: unknown) => void
}) {
  const { threads, now, onFault } = options
  const latest = new Map<string, StoredCheckpoint>()
  const waiting = new Map<string, Set<() => void>>()
  let refusals: readonly SigningRefusal[] = []
  let timer: NodeJS.Timeout | undefined
  let round: Promise<void> | undefined
  let lastRoundAt = Number.NEGATIVE_INFINITY
  /** A log grew since the last round began. */
  let hasGrown = false
  let isClosed = false
  let signed = 0
  /** Signed and not kept yet, by tenant: the guard is past them, nobody will sign them again. */
  const unsaved = new Map<string, StoredCheckpoint>()

  const runRound = async (): Promise<void> => {
    lastRoundAt = now()
    const result = await threads.publisher.publish()
    refusals = result.refusals
    for (const checkpoint of result.checkpoints) unsaved.set(checkpoint.tenant, checkpoint)
    if (unsaved.size === 0) return
    const checkpoints = [...unsaved.values()]
    await threads.writer.saveCheckpoints(checkpoints)
    signed += checkpoints.length
    unsaved.clear()
    for (const checkpoint of checkpoints) {
      latest.set(checkpoint.tenant, checkpoint)
      for (const wake of waiting.get(checkpoint.tenant) ?? []) wake()
    }
  }
  const publish = async (): Promise<void> => {
    clearTimeout(timer)
    if (round !== undefined) await round
    hasGrown = false
    round = runRound().catch((error) => {
      // What failed is due again soon, unless only a restart can mend it.
      hasGrown = !(error instanceof Refusal && error.code === 'ledger-stopped')
      onFault(error)
    })
    await round
    round = undefined
    arm()
  }
  /** The next round: soon if a log grew, else when cosignatures may be due. */
  const arm = (): void => {
    if (isClosed) return
    clearTimeout(timer)
    const soonMs = Math.max(0, lastRoundAt + limits.checkpointIntervalMs - now())
    timer = setTimeout(publish, hasGrown ? soonMs : idleCheckMs)
    timer.unref()
  }

  const read = async (tenant: string): Promise<StoredCheckpoint | undefined> => {
    const known = latest.get(tenant)
    if (known !== undefined) return known
    if ((await threads.reader.readLog(tenant)) === undefined) return undefined
    const stored = await threads.reader.readCheckpoint(tenant)
    if (stored !== undefined && !latest.has(tenant)) latest.set(tenant, stored)
    return latest.get(tenant)
  }

  return {
    publish,
    read,
    get refusals() {
      return refusals
    },
    get signed() {
      return signed
    },
    /** A log grew: a round is due, at most once in `checkpointIntervalMs`. */
    schedule(): void {
      if (hasGrown) return
      hasGrown = true
      // A round under way arms the next one itself when it ends.
      if (round === undefined) arm()
    },
    /** @returns false if the signal ended the wait first */
    async wait(tenant: string, size: number, signal: AbortSignal): Promise<boolean> {
      const isCovered = async () => ((await read(tenant))?.size ?? 0) >= size
      while (!(await isCovered())) {
        if (signal.aborted) return false
        const { promise, resolve } = Promise.withResolvers<void>()
        const waiters = waiting.get(tenant) ?? new Set()
        waiting.set(tenant, waiters.add(resolve))
        signal.addEventListener('abort', () => resolve(), { once: true })
        await promise
        waiters.delete(resolve)
      }
      return true
    },
    /** A last round, so that what was acknowledged is signed before the service ends. */
    async close(): Promise<void> {
      isClosed = true
      await publish()
    },
  }
}
