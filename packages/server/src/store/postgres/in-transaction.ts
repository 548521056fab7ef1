import type { Client, Pool } from './open.ts'

/**
 * Runs `work` in one transaction, on a session of its own. Where it fails, the session is ended, and
 * the transaction with it, whatever state they are in. Appends have transact.ts, which settles what
 * a lost COMMIT did.
 */
export const inTransaction = <T>(pool: Pool, work: (client: Client) => Promise<T>): Promise<T> =>
  runFrom('BEGIN', pool, work)

/** Reads, all of one moment. */
export const inSnapshot = <T>(pool: Pool, work: (client: Client) => Promise<T>): Promise<T> =>
  runFrom('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', pool, work)

async function runFrom<T>(
  begin: string,
  pool: Pool,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = await pool.connect()
  try {
    await client.query(begin)
    const result = await work(client)
    await client.query('COMMIT')
    client.release()
    return result
  } catch (error) {
    client.release(true)
    throw error
  }
}
