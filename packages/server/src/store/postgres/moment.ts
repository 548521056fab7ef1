import type { AdminRecord, LogHead, StoredCheckpoint } from '../store.ts'
import type { Pool } from './open.ts'
import { headColumns, type LogRow, toHead } from './rows.ts'

/** Everything of the store but entries, at one moment. */
export interface Moment {
  readonly heads: readonly LogHead[]
  readonly checkpoints: readonly StoredCheckpoint[]
  readonly admin: readonly AdminRecord[]
}

/** Entries below these heads never change, so they may be read at leisure afterwards. */
export async function readMoment(pool: Pool): Promise<Moment> {
  const client = await pool.connect()
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    const logs = await client.query<LogRow>(`SELECT ${headColumns} FROM log ORDER BY tenant`)
    const checkpoints = await client.query<StoredCheckpoint>(
      'SELECT tenant, size, time, note FROM checkpoint',
    )
    const admin = await client.query<AdminRecord>('SELECT kind, id, value FROM admin ORDER BY id')
    await client.query('COMMIT')
    client.release()
    return { heads: logs.rows.map(toHead), checkpoints: checkpoints.rows, admin: admin.rows }
  } catch (error) {
    // Ends the transaction along with the session, whatever state they are in.
    client.release(true)
    throw error
  }
}
