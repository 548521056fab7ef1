import { setTimeout as delay } from 'node:timers/promises'
import type { QueryConfig, QueryResult, QueryResultRow } from 'pg'
import { isPassing } from './failure.ts'

/** A pool, or a session, for statements that only read. */
export interface ReadPool {
  query<Row extends QueryResultRow>(
    query: string | QueryConfig,
    values?: unknown[],
  ): Promise<QueryResult<Row>>
}

/** A longer outage is the caller's to wait for. */
const boundMs = 1_000
const pauseMs = 20

/**
 * The pool's reads, each done again while its failure may pass, a bounded time: a session that an
 * administrator, a fail-over or a proxy ended costs nobody an answer, though a pool hands it out
 * until the end of it has arrived.
 */
export function repeatReads(pool: ReadPool, now: () => number = () => performance.now()): ReadPool {
  return {
    async query<Row extends QueryResultRow>(query: string | QueryConfig, values?: unknown[]) {
      const deadline = now() + boundMs
      for (;;) {
        try {
          return await pool.query<Row>(query, values)
        } catch (error) {
          if (!isPassing(error) || now() + pauseMs >= deadline) throw error
        }
        await delay(pauseMs)
      }
    },
  }
}
