import type { ReadPool } from './repeated-reads.ts'

/** A figure that changes whenever a log grows, is made or ends, on whichever node. */
export async function readGrowth(pool: ReadPool): Promise<string> {
  const { rows } = await pool.query<{ growth: string }>({
    name: 'read-growth',
    text: `SELECT count(*) || ' ' || coalesce(sum(size), 0) || ' ' || count(former_tenant) AS growth
           FROM log`,
  })
  return rows[0]?.growth ?? ''
}

/** Sizes of those of the logs that exist. */
export async function readSizes(
  pool: ReadPool,
  tenants: readonly string[],
): Promise<Map<string, number>> {
  const { rows } = await pool.query<{ tenant: string; size: number }>({
    name: 'read-sizes',
    text: 'SELECT tenant, size FROM log WHERE tenant = ANY ($1)',
    values: [tenants],
  })
  return new Map(rows.map(({ tenant, size }) => [tenant, size]))
}

/** Bytes of the whole database on disk: the store, and whatever else is kept in it. */
export async function readDatabaseBytes(pool: ReadPool): Promise<number> {
  const { rows } = await pool.query<{ bytes: number }>({
    name: 'read-bytes',
    text: 'SELECT pg_database_size(current_database()) AS bytes',
  })
  return rows[0]?.bytes ?? 0
}
