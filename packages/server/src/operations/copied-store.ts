import type { Guard, GuardState } from '../store/guard.ts'
import type { Move } from '../store/move.ts'
import type { AdminStore, AppendStore, AuditStore, LogHead, ReadStore } from '../store/store.ts'

/** Who a store is: what its service's tokens name, and what its new logs' origins begin with. */
export interface Instance {
  readonly id: string
  /** As kept with the store; undefined where it is a setting of the service alone. */
  readonly originHost: string | undefined
}

/** A store that is copied from; a service may be running on it. */
export interface CopySource extends AsyncDisposable {
  /** As people name it: a path, or a URL without its password. */
  readonly name: string
  readonly instance: Instance
  readonly reading: Pick<ReadStore, 'listLogs' | 'readRange'>
  readonly audit: AuditStore
  readonly admin: AdminStore
  listGuard(): Promise<readonly GuardState[]>
  readMove(): Promise<Move | undefined>
  /**
   * Holds off every writer, runs `work`, and in the same transaction keeps the mark that it gives.
   * If it throws, nothing was marked, and the writers go on.
   */
  freeze(work: () => Promise<Move>): Promise<void>
}

/** A store that is copied into; nothing else writes to it. */
export interface CopyTarget extends AsyncDisposable {
  readonly name: string
  readonly reading: Pick<ReadStore, 'listLogs'>
  readonly audit: AuditStore
  readonly admin: AdminStore
  readonly append: AppendStore
  readonly guard: Guard
  readInstance(): Promise<Instance>
  readMove(): Promise<Move | undefined>
  /** Takes on the source's identity and the mark, in one transaction. */
  begin(instance: Instance, move: Move): Promise<void>
  /** Removes the mark: from here on the store is a service's. */
  finish(): Promise<void>
  /** Brings what is derived from the entries up to them, where that is kept apart. */
  catchUp(signal: AbortSignal | undefined): Promise<void>
}

/** Is a log here that has anything in it? */
export const hasEntries = (heads: readonly LogHead[]): boolean => heads.some(({ size }) => size > 0)
