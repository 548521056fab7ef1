import type { LogInfo } from '@indelible/protocol'
import { type Clock, formatTime } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import { createAppendQueue } from '../ledger/append-queue.ts'
import type { AppendRequest } from '../ledger/append-request.ts'
import { Edge } from '../ledger/edge.ts'
import type { Keyring } from '../ledger/keyring.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { decodeOutcomes, encodeAppend } from './append-codec.ts'
import { createCheckpointer } from './checkpointer.ts'
import type { createIndexLag } from './index-lag.ts'
import type { Threads } from './start-threads.ts'

/** The ledger of a data folder: the queue here, the sequencer in the writer thread. */
export interface EmbeddedLedger extends Ledger {
  /** Figures for /metrics and /readyz. */
  status(): LedgerStatus
  /** Checkpoints now, and again whenever a log grew. */
  start(): Promise<void>
  /** Answers everything accepted, signs it, and stops. */
  close(): Promise<void>
}

export interface LedgerStatus {
  readonly queueBytes: number
  readonly indexTailEntries: number
  readonly appendedEntries: number
  readonly signingRefusals: readonly { readonly tenant: string; readonly reason: string }[]
  /** Why nothing more is appended, if so. */
  readonly stopped: string | undefined
}

export function createEmbeddedLedger(options: {
  readonly threads: Threads
  readonly keyring: Keyring
  readonly clock: Clock
  readonly indexLag: ReturnType<typeof createIndexLag>
  readonly onFault: (error: unknown) => void
}): EmbeddedLedger {
  const { threads, keyring, indexLag, onFault } = options
  const listeners = new Set<(tenant: string, size: number) => void>()
  const checkpointer = createCheckpointer({ ...options, now: options.clock })
  let appendedEntries = 0
  let stopped: string | undefined

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
    const { outcomes, grown } = await threads.writer
      .append(encodeAppend(requests))
      .catch(stopOnFault)
    const added = grown.reduce((sum, growth) => sum + growth.added, 0)
    appendedEntries += added
    if (grown.length > 0) {
      indexLag.appended(added)
      wakeIndexer()
      checkpointer.schedule()
      for (const { tenant, size } of grown) for (const tell of listeners) tell(tenant, size)
    }
    return decodeOutcomes(outcomes)
  }
  /** A fault past a refusal leaves the outcome in doubt: nothing more is appended until restart. */
  const stopOnFault = (error: unknown): never => {
    if (error instanceof Refusal) {
      // The writer stopped over something else than an append: a checkpoint, a key's last use.
      if (error.code === 'ledger-stopped') stopped = error.message
      throw error
    }
    stopped = 'The ledger stopped after a failure of its store; restart the service to recover.'
    onFault(error)
    throw new Refusal('ledger-stopped', { detail: stopped })
  }
  const queue = createAppendQueue({ commit })
  /**
   * What is appended to a log that is not signed could never be proved, and would be lost with the
   * restore that mends it. Records in `_system` go on: reading what there is must stay possible.
   */
  const assertSigned = (tenants: Iterable<string>): void => {
    if (checkpointer.refusals.length === 0) return
    for (const named of tenants) {
      const refusal = checkpointer.refusals.find(({ tenant }) => tenant === named)
      if (refusal === undefined) continue
      const detail = `Nothing is appended to the log of "${named}": ${refusal.reason}`
      throw new Refusal('ledger-stopped', { detail })
    }
  }

  return {
    async append(events) {
      if (events.length === 0) return []
      assertSigned(events.map(({ tenant }) => tenant))
      return queue.append({ events })
    },
    async administer(changes, record) {
      await queue.append({ events: [record], changes })
    },
    async createLog(tenant, changes, record) {
      assertSigned([tenant])
      if ((await threads.reader.readLog(tenant)) !== undefined) {
        throw new Refusal('resource-conflict', {
          detail: `The tenant "${tenant}" has a log already.`,
        })
      }
      await queue.append({ events: [record], changes, createLog: tenant })
    },
    touch: (changes) => threads.writer.touch(changes),
    async describeLog(tenant): Promise<LogInfo | undefined> {
      const head = await threads.reader.readLog(tenant)
      if (head === undefined) return undefined
      const { origin, vkey, size, edge } = head
      const root = new Edge(size, edge).root().toString('hex')
      const latest = await checkpointer.read(tenant)
      const checkpoint =
        latest === undefined ? null : { size: latest.size, time: formatTime(latest.time) }
      return { tenant, origin, vkey, cosigner: keyring.cosigner.vkey, size, root, checkpoint }
    },
    readCheckpoint: (tenant) => checkpointer.read(tenant),
    waitForCheckpoint: (tenant, size, signal) => checkpointer.wait(tenant, size, signal),
    onGrowth(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    status: () => ({
      queueBytes: queue.bytesHeld,
      indexTailEntries: indexLag.entries,
      appendedEntries,
      signingRefusals: checkpointer.refusals,
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
