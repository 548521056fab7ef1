import type { AppendMark, AppendRequest } from './append-request.ts'

/** A commit group that is durable, as those who count and trace see it. */
export interface CommittedGroup {
  readonly requests: readonly AppendRequest[]
  /** Entries added. */
  readonly entries: number
  /** Events that were kept before, and answered as they were then. */
  readonly repeats: number
  /** When its transaction began: Unix milliseconds, with a fraction. */
  readonly startedMs: number
  /** Until COMMIT had returned, fsync included. */
  readonly durationMs: number
}

/** Told of what becomes of appends. Called on the way of each: it must neither throw nor wait. */
export interface AppendObserver {
  /**
   * A caller's events are about to be queued; called where the caller's asynchronous context is.
   * @returns what the request carries until it is answered
   */
  queued(events: number): AppendMark | undefined
  committed(group: CommittedGroup): void
}

export const noObserver: AppendObserver = {
  queued: () => undefined,
  committed: () => undefined,
}
