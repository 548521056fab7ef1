import type { Head } from '@indelible/protocol'
import type { Refusal } from '../base/refusal.ts'
import type { AdminChange, AdmittedEvent } from '../store/store.ts'

/** What one caller wants appended: all of it, or nothing. */
export interface AppendRequest {
  readonly events: readonly AdmittedEvent[]
  /** Changes of administration that commit with the events. */
  readonly changes?: readonly AdminChange[]
  /** A log to make even if it gets no event yet. */
  readonly createLog?: string
}

export type AppendOutcome = { readonly heads: readonly Head[] } | { readonly refusal: Refusal }
