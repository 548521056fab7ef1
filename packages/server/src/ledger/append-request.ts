import type { Head } from '@indelible/protocol'
import type { Refusal } from '../base/refusal.ts'
import type { AdminChange, AdmittedEvent } from '../store/store.ts'
import type { KeyRotation } from './key-rotation.ts'

/** Whatever an observer wants to find again on a request whose group is committed. */
export type AppendMark = object

/** What one caller wants appended: all of it, or nothing. */
export interface AppendRequest {
  readonly events: readonly AdmittedEvent[]
  /** Changes of administration that commit with the events. */
  readonly changes?: readonly AdminChange[]
  /** A log to make even if it gets no event yet. */
  readonly createLog?: string
  /** Keys that a log is to have from now on; only if they follow on those it has. */
  readonly rotateKey?: KeyRotation
  /** The observer's; it stays with the queue. */
  readonly mark?: AppendMark
}

export type AppendOutcome = { readonly heads: readonly Head[] } | { readonly refusal: Refusal }
