import type { DatabaseSync } from 'node:sqlite'
import type { LogFigures } from '../store.ts'

/** Reads one row for each log, and of those whose growth is not signed yet one entry. */
export function createLogFigures(options: {
  readonly log: DatabaseSync
}): () => Promise<LogFigures> {
  const read = options.log.prepare(`
    SELECT count(*) AS logs,
      coalesce(sum(l.size), 0) AS entries,
      coalesce(max(l.received), 0) AS received,
      coalesce(max(c.time), 0) AS signed,
      coalesce(min(e.received), 0) AS unsignedSince
    FROM log AS l
      LEFT JOIN checkpoint AS c ON c.log = l.number
      LEFT JOIN entry AS e ON e.log = l.number AND e.idx = coalesce(c.size, 0)
        AND l.former_tenant IS NULL`)
  return async () => read.get() as unknown as LogFigures // as selected
}
