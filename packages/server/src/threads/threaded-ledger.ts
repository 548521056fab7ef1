import type { Head, LogInfo } from '@indelible/protocol'
import { formatTime } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import type { AppendObserver } from '../ledger/append-observer.ts'
import type { AppendRequest } from '../ledger/append-request.ts'
import { Edge } from '../ledger/edge.ts'
import { describeFormerKeys } from '../ledger/key-rotation.ts'
import type { Keyring } from '../ledger/keyring.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { SigningRefusal } from '../ledger/publisher.ts'
import type { StoredCheckpoint } from '../store/store.ts'
import type { Followers } from './followers.ts'
import type { Threads } from './start-threads.ts'

/** A ledger that a service runs: the queue here, the sequencer in the writer thread. */
export interface RunningLedger extends Ledger {
  /** Figures for /metrics and /readyz. */
  status(): LedgerStatus
  /** Checkpoints now, and again whenever a log grew. */
  start(): Promise<void>
  /** Answers everything accepted, signs it, and stops. */
  close(): Promise<void>
}

export interface LedgerStatus {
  /** Of events that are accepted and not durable yet. */
  readonly queueBytes: number
  readonly queueBytesMax: number
  /** How long the oldest of them has waited. */
  readonly queueAgeMs: number
  readonly indexTailEntries: number
  /** How long the oldest entry that is not indexed yet has waited. */
  readonly indexLagMs: number
  /** Since the start, as signed checkpoints are. */
  readonly appendedEntries: number
  readonly signedCheckpoints: number
  readonly signingRefusals: readonly SigningRefusal[]
  /** Whether this service signs; of several nodes, one does. */
  readonly signs: boolean
  /** Why nothing more is appended, if so. */
  readonly stopped: string | undefined
}

/** Checkpoints, whoever signs them. */
export interface Checkpoints {
  readonly refusals: readonly SigningRefusal[]
  /** How many this service signed and kept since the start. */
  readonly signed: number
  read(tenant: string): Promise<StoredCheckpoint | undefined>
  /** @returns false if the signal ended the wait first */
  wait(tenant: string, size: number, signal: AbortSignal): Promise<boolean>
}

/** The public side of a ledger: everything but how groups are committed and checkpoints made. */
export function createThreadedLedger(options: {
  readonly threads: Pick<Threads, 'reader' | 'writer'>
  readonly keyring: Keyring
  readonly queue: { append(request: AppendRequest): Promise<Head[]> }
  readonly observer: AppendObserver
  readonly checkpoints: Checkpoints
  readonly followers: Followers
}): Ledger {
  const { threads, keyring, queue, observer, checkpoints, followers } = options
  /**
   * What is appended to a log that is not signed could never be proved, and would be lost with the
   * restore that mends it. Records in `_system` go on: reading what there is must stay possible.
   */
  const assertSigned = (tenants: Iterable<string>): void => {
    if (checkpoints.refusals.length === 0) return
    for (const named of tenants) {
      const refusal = checkpoints.refusals.find(({ tenant }) => tenant === named)
      if (refusal === undefined) continue
      const detail = `Nothing is appended to the log of "${named}": ${refusal.reason}`
      throw new Refusal('ledger-stopped', { detail })
    }
  }

  return {
    async append(events) {
      if (events.length === 0) return []
      assertSigned(events.map(({ tenant }) => tenant))
      const mark = observer.queued(events.length)
      return queue.append(mark === undefined ? { events } : { events, mark })
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
    async rotateKey(rotateKey, record) {
      await queue.append({ events: [record], rotateKey })
    },
    touch: (changes) => threads.writer.touch(changes),
    async describeLog(tenant): Promise<LogInfo | undefined> {
      const head = await threads.reader.readLog(tenant)
      if (head === undefined) return undefined
      const { origin, vkey, size, edge } = head
      const root = new Edge(size, edge).root().toString('hex')
      const latest = await checkpoints.read(tenant)
      const checkpoint =
        latest === undefined ? null : { size: latest.size, time: formatTime(latest.time) }
      const formerKeys = describeFormerKeys(head)
      return {
        ...{ tenant, origin, vkey, cosigner: keyring.cosigner.vkey, size, root, checkpoint },
        ...(head.formerTenant === undefined ? {} : { ended: true as const }),
        ...(formerKeys.length === 0 ? {} : { formerKeys }),
      }
    },
    readCheckpoint: (tenant) => checkpoints.read(tenant),
    waitForCheckpoint: (tenant, size, signal) => checkpoints.wait(tenant, size, signal),
    onGrowth: (tenant, listener) => followers.listen(tenant, listener),
  }
}
