import type { FastifyBaseLogger } from 'fastify'
import type { Directory } from '../admin/directory.ts'
import type { Clock } from '../base/clock.ts'
import type { CreateLimiter } from '../base/limiter.ts'
import type { Config } from '../config/read-config.ts'
import type { AppendObserver } from '../ledger/append-observer.ts'
import type { Keyring } from '../ledger/keyring.ts'
import type { ReaderCalls } from './reader.ts'
import type { RunningLedger } from './threaded-ledger.ts'

/** The store with its threads and its ledger, wherever it is kept. */
export interface RunningStore extends AsyncDisposable {
  readonly keyring: Keyring
  readonly instanceId: string
  readonly reader: ReaderCalls
  readonly ledger: RunningLedger
  /** Only where other nodes work on the same store. */
  readonly shared?: SharedStore
  /** Bytes of what is kept, by its parts: of a folder's databases each, with its WAL. */
  readBytes(): Promise<Readonly<Record<string, number>>>
  /** The data folder's file system; undefined where the data is elsewhere. */
  readDisk?(): Promise<DiskFigures>
  /** Whether the store can be reached, and what it is. */
  describe(): { readonly isReady: boolean; readonly detail: Readonly<Record<string, unknown>> }
}

export interface DiskFigures {
  readonly sizeBytes: number
  /** What is left for us. */
  readonly freeBytes: number
}

/** What has to be the same on every node. */
export interface SharedStore {
  /** Limits that count over all nodes. */
  readonly createLimiter: CreateLimiter
  /** Grows with every change of administration. */
  readVersion(): Promise<number>
  /** Whether any node audits. */
  isAuditing(): Promise<boolean>
  /** Keeps a directory, and what depends on it, in step with the other nodes. */
  follow(directory: Pick<Directory, 'catchUp' | 'setting' | 'onChange'>): void
}

/** Where a store tells of what went wrong in the background. */
export interface Reports {
  onFault(error: unknown): void
  onDeath(thread: string, error: Error): void
}

/** What a store is started with. */
export interface StoreOptions {
  readonly config: Config
  readonly clock: Clock
  readonly logger: FastifyBaseLogger
  readonly reports: Reports
  readonly observer: AppendObserver
}
