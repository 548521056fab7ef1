import type { Client } from './open.ts'

/**
 * Asks the catalogue itself: `to_regclass` may go by what the session found before it waited for a
 * lock, while another node made the table.
 */
export async function hasTable(
  client: Pick<Client, 'query'>,
  schema: string,
  table: string,
): Promise<boolean> {
  const { rowCount } = await client.query(
    'SELECT FROM pg_catalog.pg_tables WHERE schemaname = $1 AND tablename = $2',
    [schema, table],
  )
  return rowCount === 1
}
