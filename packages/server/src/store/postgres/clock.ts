import type { ReadPool } from './repeated-reads.ts'

/** The clock that all nodes on a database have in common, Unix milliseconds. */
export async function readClock(client: ReadPool): Promise<number> {
  const { rows } = await client.query<{ now: number }>({
    name: 'read-clock',
    text: 'SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now',
  })
  return rows[0]?.now ?? Number.NaN
}
