import type pg from 'pg'

/** A connection within a transaction. */
export type Transaction = pg.PoolClient

/** Where one statement can be run: the pool, or a transaction. */
export type Database = Pick<pg.Pool, 'query'>

const attemptsMax = 5
/** PostgreSQL's advice is to try again: serialization_failure, deadlock_detected. */
const isTemporary = (error: unknown): boolean =>
  ['40001', '40P01'].includes(readSqlState(error) ?? '')

/** The SQLSTATE of an error of PostgreSQL. */
export const readSqlState = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined

/** The database can't be asked at present, or broke off. */
export function isUnavailable(error: unknown): boolean {
  // Classes connection exception, insufficient resources, operator intervention; codes of the system.
  if (/^(?:08|53|57P|E[A-Z]+$)/.test(readSqlState(error) ?? '')) return true
  // What `pg` itself says has no code.
  return error instanceof Error && /^Connection terminated|^timeout exceeded/.test(error.message)
}

/**
 * Runs `work` in a transaction: all it did, its events among it, or nothing. Two that block each
 * other (each wants the other's e-mail) are resolved by PostgreSQL, which ends one: that one runs again.
 */
export async function inTransaction<Result>(
  pool: pg.Pool,
  work: (transaction: Transaction) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await tryTransaction(pool, work)
    } catch (error) {
      if (!isTemporary(error) || attempt === attemptsMax) throw error
    }
  }
}

async function tryTransaction<Result>(
  pool: pg.Pool,
  work: (transaction: Transaction) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect()
  // A connection that breaks is told by the query that needs it; unheard, it would end the process.
  client.on('error', ignore)
  let isBroken = false
  try {
    await client.query('BEGIN')
    const result = await work(client)
    await client.query('COMMIT')
    return result
  } catch (error) {
    // One that can't even roll back is of no more use; closing it rolls back, too.
    await client.query('ROLLBACK').catch(() => {
      isBroken = true
    })
    throw error
  } finally {
    client.removeListener('error', ignore)
    client.release(isBroken)
  }
}
const ignore = (): void => undefined
