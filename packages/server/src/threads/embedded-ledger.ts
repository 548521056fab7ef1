import { steadyClock } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import { type AppendObserver, noObserver } from '../ledger/append-observer.ts'
import { createAppendQueue } from '../ledger/append-queue.ts'
import type { AppendRequest } from '../ledger/append-request.ts'
import type { Keyring } from '../ledger/keyring.ts'
import { decodeOutcomes, encodeAppend } from './append-codec.ts'
import { createCheckpointer } from './checkpointer.ts'
import { createFollowers } from './followers.ts'
import type { createIndexLag } from './index-lag.ts'
import type { IndexerCalls } from './indexer.ts'
import type { Threads } from './start-threads.ts'
import { createThreadedLedger, type RunningLedger } from './threaded-ledger.ts'
import type { WriterCalls } from './writer.ts'

/** The ledger of a data folder: its index follows behind, and a doubt about the disk stops it. */
export function createEmbeddedLedger(options: {
  readonly threads: Omit<Threads, keyof AsyncDisposable | 'indexer'> & {
    readonly indexer: IndexerCalls
  }
  readonly keyring: Keyring
  readonly indexLag: ReturnType<typeof createIndexLag>
  readonly observer?: AppendObserver
  readonly onFault: (error: unknown) => void
}): RunningLedger {
  const { keyring, indexLag, onFault, observer = noObserver } = options
  const followers = createFollowers()
  let appendedEntries = 0
  let stopped: string | undefined

  /** A fault past a refusal leaves the outcome in doubt: nothing more is appended until restart. */
  const stopOnFault = (error: unknown): never => {
    if (error instanceof Refusal) {
      if (error.code === 'ledger-stopped') stopped = error.message
      throw error
    }
    stopped = 'The ledger stopped after a failure of its store; restart the service to recover.'
    onFault(error)
    throw new Refusal('ledger-stopped', { detail: stopped })
  }
  /** Whatever it fails at stops the ledger: not ready at once, not from the next append on. */
  const { writer: calls } = options.threads
  const writer: WriterCalls = {
    append: (requests) => calls.append(requests).catch(stopOnFault),
    saveCheckpoints: (checkpoints) => calls.saveCheckpoints(checkpoints).catch(stopOnFault),
    touch: (changes) => calls.touch(changes).catch(stopOnFault),
    note: (change) => calls.note(change).catch(stopOnFault),
    close: () => calls.close(),
  }
  const threads = { ...options.threads, writer }
  const checkpointer = createCheckpointer({ threads, onFault, now: steadyClock })

  let isIndexerAwake = false
  /** Appended to since the indexer was last woken. */
  let hasMore = false
  let isClosing = false
  /** One call is under way at a time; it ends when the indexer has caught up with its beginning. */
  const wakeIndexer = (): void => {
    hasMore = true
    if (isIndexerAwake || isClosing) return
    isIndexerAwake = true
    hasMore = false
    threads.indexer.wake().then(
      () => {
        isIndexerAwake = false
        if (hasMore) wakeIndexer()
      },
      (error) => {
        // Not again at once: a thread that died would answer so for ever. The next append does.
        isIndexerAwake = false
        // Closing ends the indexer wherever it is; the next start goes on from there.
        if (!isClosing) onFault(error)
      },
    )
  }

  const commit = async (requests: readonly AppendRequest[]) => {
    if (stopped !== undefined) throw new Refusal('ledger-stopped', { detail: stopped })
    // Here, where the bound of the queue counts what waits.
    await indexLag.waitUntilShort()
    const { outcomes, grown, ...group } = await writer.append(encodeAppend(requests))
    const added = grown.reduce((sum, growth) => sum + growth.added, 0)
    appendedEntries += added
    observer.committed({ ...group, requests, entries: added })
    if (grown.length > 0) {
      indexLag.appended(added)
      wakeIndexer()
      checkpointer.schedule()
      for (const { tenant } of grown) followers.tell(tenant)
    }
    return decodeOutcomes(outcomes)
  }
  const queue = createAppendQueue({ commit })

  return {
    ...createThreadedLedger({
      ...{ threads, keyring, queue, observer, followers },
      checkpoints: checkpointer,
    }),
    status: () => ({
      queueBytes: queue.bytesHeld,
      queueBytesMax: queue.bytesMax,
      queueAgeMs: queue.ageMs,
      indexTailEntries: indexLag.entries,
      indexLagMs: indexLag.ageMs,
      appendedEntries,
      signedCheckpoints: checkpointer.signed,
      signingRefusals: checkpointer.refusals,
      signs: true,
      stopped,
    }),
    async start() {
      const { behind } = await threads.indexer.start()
      indexLag.appended(behind)
      await checkpointer.publish()
    },
    async close() {
      isClosing = true
      await queue.drain()
      await checkpointer.close()
    },
  }
}
