import type { Head } from '@indelible/protocol'
import type { Clock } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import type { AdminChange, AdmittedEvent, AppendStore } from '../store/store.ts'
import { CommitGroup, type Growth } from './commit-group.ts'
import type { Keyring } from './keyring.ts'

/** What one caller wants appended: all of it, or nothing. */
export interface AppendRequest {
  readonly events: readonly AdmittedEvent[]
  /** Changes of administration that commit with the events. */
  readonly changes?: readonly AdminChange[]
  /** A log to make even if it gets no event yet. */
  readonly createLog?: string
}

export type AppendOutcome = { readonly heads: readonly Head[] } | { readonly refusal: Refusal }

export interface SequencerOptions {
  readonly store: AppendStore
  readonly keyring: Keyring
  readonly clock: Clock
  /** Fills the buffer with unguessable bytes. */
  readonly fillRandom: (buffer: Uint8Array) => void
}

/**
 * Orders events: the single place where an index is given. One call is one commit group and one
 * transaction of the store. When it resolves, everything it answered is durable. A crash before
 * that leaves nothing of the group; a crash after it leaves all of it, acknowledged or not, and
 * the callers' ids settle the doubt.
 */
export function createSequencer(options: SequencerOptions) {
  return {
    /** @returns outcomes in the order of the requests. Throws only what the store throws. */
    async append(
      requests: readonly AppendRequest[],
    ): Promise<{ outcomes: AppendOutcome[]; grown: Growth[] }> {
      return options.store.transact(async (transaction) => {
        const group = await CommitGroup.open(transaction, requests, options)
        const outcomes: AppendOutcome[] = []
        for (const request of requests) {
          try {
            outcomes.push({ heads: await group.append(request) })
          } catch (error) {
            if (!(error instanceof Refusal)) throw error
            outcomes.push({ refusal: error })
          }
        }
        return { outcomes, grown: await group.close() }
      })
    },
  }
}

export type Sequencer = ReturnType<typeof createSequencer>
