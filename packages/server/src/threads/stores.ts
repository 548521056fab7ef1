import type { Refusal } from '../base/refusal.ts'
import type { Guard } from '../store/guard.ts'
import type { AdminStore, AppendStore, LogFigures, ProveStore, ReadStore } from '../store/store.ts'

/** Where the store is. */
export type StorePlace = FolderPlace | DatabasePlace

export interface FolderPlace {
  readonly folder: string
}

/** A database that several nodes share. */
export interface DatabasePlace {
  /** `postgres://…` */
  readonly url: string
  /** Another database for the guard. */
  readonly guardUrl?: string
  /** What this node is called in the database's list of sessions. */
  readonly node: string
}

/** What every worker is started with. */
export interface WorkerData {
  readonly place: StorePlace
  readonly seed: Uint8Array
  readonly originHost: string
}

/** What a store says of its failures, refusals included; undefined where the error is a bug. */
export type ToRefusal = (error: unknown) => Refusal | undefined

export interface ReadingStores {
  readonly store: ReadStore
  readonly proofs: ProveStore
  readonly admin: AdminStore
  readLogFigures(): Promise<LogFigures>
  /** Failures that the world can mend; without it, a failure of reading is a fault. */
  readonly toRefusal?: ToRefusal
  /** What other nodes did; undefined where there are none. */
  readonly others?: OtherNodes
  close(): Promise<void>
}

/** What a node has to ask for, since others change the store as well. */
export type OtherNodes = {
  /** Grows with every change of administration. */
  readAdminVersion(): Promise<number>
  /** Sizes of the logs that exist. */
  readSizes(tenants: readonly string[]): Promise<Map<string, number>>
  /** The clock that the nodes have in common, Unix milliseconds. */
  readClock(): Promise<number>
}

export interface WritingStore {
  readonly store: AppendStore
  readonly toRefusal: ToRefusal
  close(): Promise<void>
}

export interface SigningStores {
  readonly store: ReadStore & Pick<ProveStore, 'readCheckpoint'>
  readonly guard: Guard
  /** What says nothing about the logs: the store is out of reach, and the round is due again. */
  readonly toRefusal: ToRefusal
  /** Where several nodes could sign. */
  readonly turn?: SigningTurn
  close(): Promise<void>
}

/** One node signs at a time; the others are ready to take over. */
export interface SigningTurn {
  /** @returns whether this node is the one that signs */
  take(): Promise<boolean>
  /** A figure that changes whenever a log grows or is made, on whichever node. */
  readGrowth(): Promise<string>
}

/** How each kind of store is opened by a thread; loaded by need, so that none pays for both. */
export interface Stores<Place extends StorePlace> {
  openForReading(place: Place, secrets: IndexSecret): Promise<ReadingStores>
  openForWriting(place: Place, secrets: IndexSecret): Promise<WritingStore>
  openForSigning(place: Place, secrets: IndexSecret): Promise<SigningStores>
}

/** What the tokens of facts are made with, where they have to be the same on every node. */
export interface IndexSecret {
  /** 32 bytes. */
  readonly indexSecret: Uint8Array
}
