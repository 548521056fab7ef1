import { Refusal } from '../base/refusal.ts'
import type { AppendStore } from '../store/store.ts'
import type { AppendOutcome, AppendRequest } from './append-request.ts'
import { CommitGroup, type CommitGroupOptions, type Growth } from './commit-group.ts'

export interface SequencerOptions extends CommitGroupOptions {
  readonly store: AppendStore
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
    ): Promise<{ outcomes: AppendOutcome[]; grown: Growth[]; repeats: number }> {
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
        return { outcomes, grown: await group.close(), repeats: group.repeats }
      })
    },
  }
}
