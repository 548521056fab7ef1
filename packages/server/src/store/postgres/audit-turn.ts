import { advisoryLocks, type Pool } from './open.ts'

/**
 * Of several nodes one audits at a time: the one whose session holds this lock. A node that dies
 * gives it up, with its session.
 * @returns undefined where another one holds it; else it is held until it is disposed
 */
export async function takeAuditTurn(pool: Pool): Promise<Disposable | undefined> {
  const session = await pool.connect()
  const { rows } = await session
    .query<{ is_held: boolean }>('SELECT pg_try_advisory_lock($1) AS is_held', [
      advisoryLocks.audit,
    ])
    .catch((error: unknown) => {
      session.release(true)
      throw error
    })
  const release = () => session.release(true)
  if (rows[0]?.is_held === true) return { [Symbol.dispose]: release }
  release()
  return undefined
}

/** Whether any node of this database audits. */
export async function isAuditTurnTaken(pool: Pool): Promise<boolean> {
  // A lock by one bigint is listed by its halves (PostgreSQL, view pg_locks).
  const { rows } = await pool.query<{ is_taken: boolean }>(
    `SELECT EXISTS (
       SELECT FROM pg_locks
       WHERE locktype = 'advisory' AND classid = 0 AND objid = $1 AND objsubid = 1 AND granted
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
     ) AS is_taken`,
    [advisoryLocks.audit],
  )
  return rows[0]?.is_taken === true
}
