import { headColumns, type LogRow, toHead } from '../rows.ts'
import type { AdminRecord, LogHead, StoredCheckpoint } from '../store.ts'
import { inSnapshot } from './in-transaction.ts'
import type { Pool } from './open.ts'

/** Everything of the store but entries, at one moment. */
export interface Moment {
  readonly heads: readonly LogHead[]
  readonly checkpoints: readonly StoredCheckpoint[]
  readonly admin: readonly AdminRecord[]
}

/** Entries below these heads never change, so they may be read at leisure afterwards. */
export function readMoment(pool: Pool): Promise<Moment> {
  return inSnapshot(pool, async (client) => {
    const logs = await client.query<LogRow>(`SELECT ${headColumns} FROM log ORDER BY tenant`)
    const checkpoints = await client.query<StoredCheckpoint>(
      'SELECT tenant, size, time, note FROM checkpoint',
    )
    const admin = await client.query<AdminRecord>('SELECT kind, id, value FROM admin ORDER BY id')
    return { heads: logs.rows.map(toHead), checkpoints: checkpoints.rows, admin: admin.rows }
  })
}
