import type { LogFigures } from '../store.ts'
import type { ReadPool } from './repeated-reads.ts'

/** Reads one row for each log, and of those whose growth is not signed yet one entry. */
export async function readLogFigures(pool: ReadPool): Promise<LogFigures> {
  const { rows } = await pool.query<LogFigures>({
    name: 'read-log-figures',
    text: `
      SELECT count(*) AS logs,
        coalesce(sum(l.size), 0)::bigint AS entries,
        coalesce(max(l.received), 0) AS received,
        coalesce(max(c.time), 0) AS signed,
        coalesce(min(e.received), 0) AS "unsignedSince"
      FROM log AS l
        LEFT JOIN checkpoint AS c ON c.tenant = l.tenant
        LEFT JOIN entry AS e ON e.tenant = l.tenant AND e.idx = coalesce(c.size, 0)
          AND l.former_tenant IS NULL`,
  })
  const [figures] = rows
  if (figures === undefined) throw new Error('An aggregate has one row.')
  return figures
}
