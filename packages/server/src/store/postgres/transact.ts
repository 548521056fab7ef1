import { setTimeout as delay } from 'node:timers/promises'
import { Refusal } from '../../base/refusal.ts'
import { isLost, isPassing, sqlState } from './failure.ts'
import type { Client, Pool } from './open.ts'

/** How long failures that may pass are borne before the caller is told. */
const boundMs = 30_000
const firstPauseMs = 20
const pauseMsMax = 1_000

/** What tells that a transaction was committed, should its answer get lost. */
export interface Mark {
  readonly tenant: string
  /** The first entry it inserted; undefined where it only made the log. */
  readonly entry: { readonly index: number; readonly hash: Uint8Array } | undefined
  /** The log's origin, if this transaction made it: there was no head to lock then. */
  readonly createdOrigin: string | undefined
}

export interface Attempt<T> {
  /** Writes what the transaction holds back, and COMMIT right behind it. */
  finish(): Promise<unknown>
  readonly result: T
  /** Undefined where doing all of it again changes nothing. */
  readonly mark: Mark | undefined
}

/** Nothing was kept, for sure, and no further attempt would change that: a bug. */
export class RolledBackError extends Error {}

/**
 * Runs transactions until one is committed, a bounded time. What a failure leaves behind:
 *
 * - before COMMIT was sent: nothing; the work is done again from the start on another session.
 * - after it: perhaps everything. The head of the marked log is locked on another session, which
 *   waits until the first one's transaction has ended, however long the server takes to notice.
 *   Then either the marked entry is there, with its hash, or nothing of the transaction ever will
 *   be. A hash tells it for sure: it is over 16 random bytes of the attempt's own.
 */
export function createTransactions(options: {
  readonly pool: Pool
  /** Milliseconds that never go backwards. */
  readonly now: () => number
  /** From 0 to 1. */
  readonly random: () => number
}) {
  const { pool, now, random } = options

  /** @param work Called again for each attempt; `client` is in a transaction. */
  async function run<T>(work: (client: Client) => Promise<Attempt<T>>): Promise<T> {
    const deadline = now() + boundMs
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, pauseMsMax)) {
      try {
        const outcome = await attempt(work, deadline)
        if (outcome !== undefined) return outcome.result
        if (now() + pauseMs >= deadline) throw describeOutage(undefined)
      } catch (error) {
        if (!isPassing(error)) throw error
        if (now() + pauseMs >= deadline) throw describeOutage(error)
      }
      // Those who met in a deadlock must not meet again.
      await delay(pauseMs * (0.5 + random()))
    }
  }

  /** @returns undefined where nothing was kept and it is to be done again */
  async function attempt<T>(
    work: (client: Client) => Promise<Attempt<T>>,
    deadline: number,
  ): Promise<{ result: T } | undefined> {
    const client = await pool.connect()
    let made: Attempt<T>
    try {
      // Not awaited: what follows is sent behind it, and its failure is theirs.
      const begun = client.query('BEGIN')
      begun.catch(() => undefined)
      made = await work(client)
      await begun
    } catch (error) {
      await rollBack(client, error)
      throw error
    }
    const { result, mark } = made
    try {
      await made.finish()
      client.release()
      return { result }
    } catch (error) {
      await rollBack(client, error)
      if (isRolledBack(error)) throw error
      const kept = mark !== undefined && (await settle(mark, deadline))
      return kept ? { result } : undefined
    }
  }

  /** Was the transaction committed? Asked until the database answers, a bounded time. */
  async function settle(mark: Mark, deadline: number): Promise<boolean> {
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, pauseMsMax)) {
      try {
        return await isKept(mark)
      } catch (error) {
        if (!isPassing(error)) throw error
        if (now() + pauseMs >= deadline) throw describeDoubt(error)
      }
      await delay(pauseMs)
    }
  }

  async function isKept({ tenant, entry, createdOrigin }: Mark): Promise<boolean> {
    const client = await pool.connect()
    try {
      await client.query('BEGIN')
      if (createdOrigin === undefined) {
        await client.query('SELECT 1 FROM log WHERE tenant = $1 FOR UPDATE', [tenant])
      } else {
        // A row that nobody can see yet can't be locked, but its key is waited for.
        await client.query(
          `INSERT INTO log (tenant, origin, generation, vkey, size, received, edge)
           VALUES ($1, '', 0, '', 0, 0, '') ON CONFLICT (tenant) DO NOTHING`,
          [tenant],
        )
      }
      const { rowCount } =
        entry === undefined
          ? await client.query('SELECT 1 FROM log WHERE tenant = $1 AND origin = $2', [
              tenant,
              createdOrigin,
            ])
          : await client.query('SELECT 1 FROM entry WHERE tenant = $1 AND idx = $2 AND hash = $3', [
              tenant,
              entry.index,
              Buffer.from(entry.hash),
            ])
      await client.query('ROLLBACK')
      client.release()
      return rowCount === 1
    } catch (error) {
      await rollBack(client, error)
      throw error
    }
  }

  return { run }
}

/** Gives the session back, or ends it where it is of no more use. */
async function rollBack(client: Client, error: unknown): Promise<void> {
  // A session on a server that became a standby stays there.
  if (isLost(error) || sqlState(error) === '25006') {
    client.release(true)
    return
  }
  try {
    await client.query('ROLLBACK')
    client.release()
  } catch {
    client.release(true)
  }
}

/**
 * Is an error of COMMIT, or of a statement just before it, the server's word that nothing was kept?
 * Anything else leaves the outcome open.
 */
function isRolledBack(error: unknown): boolean {
  if (error instanceof RolledBackError) return true
  const state = sqlState(error)
  if (state === undefined || isLost(error)) return false
  return !/^(58|XX)/.test(state)
}

function describeOutage(error: unknown): Refusal {
  const refusal = new Refusal('store-unavailable', {
    detail: 'The database could not be used for half a minute. Nothing of this request was kept.',
    retryAfterS: 5,
  })
  refusal.cause = error
  return refusal
}

function describeDoubt(error: unknown): Refusal {
  const refusal = new Refusal('store-unavailable', {
    detail:
      'The database went away while this request was being committed: whether it was kept is not ' +
      'known. Send it again with the same ids; what was kept is then answered as a duplicate.',
    retryAfterS: 5,
  })
  refusal.cause = error
  return refusal
}
