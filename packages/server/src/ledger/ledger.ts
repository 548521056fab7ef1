import type { Head, LogInfo } from '@indelible/protocol'
import type { AdminChange, AdmittedEvent, StoredCheckpoint } from '../store/store.ts'
import type { KeyRotation } from './key-rotation.ts'

/**
 * What the rest of the service sees of the ledger: the write side. Everything that resolves here
 * is durable.
 */
export interface Ledger {
  /**
   * Appends all events or none. Heads come in the order of the events.
   * @throws Refusal `idempotency-conflict` `event-invalid` (see `AdmittedEvent.faults`) `pushback`
   *   `clock-behind` `store-unavailable` `ledger-stopped`
   */
  append(events: readonly AdmittedEvent[]): Promise<Head[]>
  /**
   * Commits changes of administration and their record in `_system` in one transaction: an act
   * that can't be recorded does not happen.
   * @throws Refusal `resource-conflict` / `resource-unknown` where an `expect` did not hold
   */
  administer(changes: readonly AdminChange[], record: AdmittedEvent): Promise<void>
  /**
   * Creates an empty log ahead of its first event, with its changes of administration and their
   * record in `_system`, in one transaction.
   * @throws Refusal `resource-conflict` where the log exists
   */
  createLog(tenant: string, changes: readonly AdminChange[], record: AdmittedEvent): Promise<void>
  /**
   * Gives a log another key, with its record in `_system`, in one transaction.
   * @throws Refusal `resource-conflict` where the log has other keys than those that it follows on
   */
  rotateKey(rotation: KeyRotation, record: AdmittedEvent): Promise<void>
  /**
   * Commits bookkeeping that grants nothing (when a key was last used), without a record: one a
   * minute for each busy key would drown `_system`. Never for a change of what anybody may do.
   */
  touch(changes: readonly AdminChange[]): Promise<void>
  /** Live facts of one log; undefined where it does not exist. */
  describeLog(tenant: string): Promise<LogInfo | undefined>
  /** The last signed checkpoint; undefined before the first. */
  readCheckpoint(tenant: string): Promise<StoredCheckpoint | undefined>
  /** Resolves when the log has a checkpoint of at least `size`, or on abort. */
  waitForCheckpoint(tenant: string, size: number, signal: AbortSignal): Promise<boolean>
  /** Calls back after a log grew, on whichever node. @returns a function that ends it. */
  onGrowth(tenant: string, listener: () => void): () => void
}
