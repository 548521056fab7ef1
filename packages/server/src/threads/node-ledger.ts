import { steadyClock } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import { type AppendObserver, noObserver } from '../ledger/append-observer.ts'
import type { AppendRequest } from '../ledger/append-request.ts'
import type { Keyring } from '../ledger/keyring.ts'
import { createLanes } from '../ledger/lanes.ts'
import { decodeOutcomes, encodeAppend } from './append-codec.ts'
import type { Followers } from './followers.ts'
import { createSharedCheckpoints } from './shared-checkpoints.ts'
import type { Threads } from './start-threads.ts'
import { createThreadedLedger, type RunningLedger } from './threaded-ledger.ts'

/**
 * The ledger of one node of several: groups of different logs side by side, indexed in their own
 * transaction. The store settles every doubt before it answers, so nothing stops it for good.
 */
export function createNodeLedger(options: {
  readonly threads: Pick<Threads, 'reader' | 'writer' | 'publisher'>
  readonly keyring: Keyring
  readonly followers: Followers
  readonly observer?: AppendObserver
  readonly onFault: (error: unknown) => void
}): RunningLedger & { learnRefusals(text: string): void } {
  const { threads, keyring, followers, onFault, observer = noObserver } = options
  const checkpoints = createSharedCheckpoints({ threads, now: steadyClock, onFault })
  let appendedEntries = 0

  const commit = async (requests: readonly AppendRequest[]) => {
    const { outcomes, grown, ...group } = await threads.writer
      .append(encodeAppend(requests))
      .catch((error: unknown) => {
        if (!(error instanceof Refusal)) onFault(error)
        throw error
      })
    const entries = grown.reduce((sum, { added }) => sum + added, 0)
    appendedEntries += entries
    observer.committed({ ...group, requests, entries })
    for (const { tenant } of grown) followers.tell(tenant)
    return decodeOutcomes(outcomes)
  }
  const queue = createLanes({ commit })

  return {
    ...createThreadedLedger({ threads, keyring, queue, observer, checkpoints, followers }),
    learnRefusals: checkpoints.learnRefusals,
    status: () => ({
      queueBytes: queue.bytesHeld,
      queueBytesMax: queue.bytesMax,
      queueAgeMs: queue.ageMs,
      // Indexed in the transaction that keeps them.
      indexTailEntries: 0,
      indexLagMs: 0,
      appendedEntries,
      signedCheckpoints: checkpoints.signed,
      signingRefusals: checkpoints.refusals,
      signs: checkpoints.signs,
      stopped: undefined,
    }),
    async start() {
      checkpoints.start()
    },
    async close() {
      await queue.drain()
      await checkpoints.close()
    },
  }
}
