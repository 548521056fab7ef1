import type { TableNames } from '../outbox.ts'
import type { OutboxTable } from '../outbox-table.ts'
import type { SqliteDatabase } from './handles.ts'
import { isInTransaction } from './transaction.ts'

/** For a migration. AUTOINCREMENT: ids that were removed don't come again, so they are an order. */
export const createSchema = ({ outbox, index }: TableNames): string =>
  `CREATE TABLE IF NOT EXISTS ${outbox} (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  event TEXT NOT NULL,
  recorded_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  rejected TEXT,
  rejected_at TEXT
);
CREATE INDEX IF NOT EXISTS ${index} ON ${outbox} (id) WHERE rejected_at IS NULL;
`

/**
 * There are no turns: a file has few processes, and two relays append the same events, in the same
 * order.
 */
export function createSqliteTable(database: SqliteDatabase, names: TableNames): OutboxTable {
  const { outbox } = names
  const sql = createStatements(names)
  return {
    async read(eventsMax, bytesMax) {
      // The application's transaction, on this very connection: what it has written may yet be undone.
      if (isInTransaction(database) === true) return { rows: [], isAll: false }
      // Fails where one is open and the connection didn't tell.
      database.exec('BEGIN')
      try {
        const rows = database
          .prepare(sql.findOldest)
          .all(`${eventsMax}`, `${bytesMax}`) as FoundRow[]
        const isFull = rows.length === eventsMax || (rows.at(-1)?.bytes ?? 0) >= bytesMax
        return { rows, isAll: !isFull }
      } finally {
        database.exec('COMMIT')
      }
    },
    // In a transaction of the application that is undone, it is undone too: the rows are relayed again.
    async remove(ids) {
      const text = `DELETE FROM ${outbox} WHERE id IN (SELECT value FROM json_each(?))`
      database.prepare(text).run(`[${ids.join(',')}]`)
    },
    async setAside(id, refusal) {
      const now = `strftime('%Y-%m-%dT%H:%M:%fZ', 'now')`
      const text = `UPDATE ${outbox} SET rejected = ?, rejected_at = ${now} WHERE id = ?`
      database.prepare(text).run(refusal, id)
    },
    async leave() {},
    async count() {
      const [row] = database.prepare(sql.count).all() as CountRow[]
      const oldestMs = row?.oldest == null ? null : Math.max(0, Math.round(row.oldest))
      return { pending: row?.pending ?? 0, rejected: row?.rejected ?? 0, oldestMs }
    },
  }
}

/** As the statements below name and cast them. */
interface FoundRow {
  readonly id: string
  readonly event: string
  readonly bytes: number
}
interface CountRow {
  readonly pending: number
  readonly rejected: number
  readonly oldest: number | null
}

const createStatements = ({ outbox }: TableNames) => ({
  findOldest: `SELECT CAST(id AS TEXT) AS id, event, bytes FROM (
      SELECT id, event, sum(length(CAST(event AS BLOB))) OVER (ORDER BY id) AS bytes FROM (
        SELECT id, event FROM ${outbox} WHERE rejected_at IS NULL ORDER BY id
        LIMIT CAST(? AS INTEGER)) AS oldest) AS counted
    WHERE bytes - length(CAST(event AS BLOB)) < CAST(? AS INTEGER) ORDER BY counted.id`,
  count: `SELECT count(*) FILTER (WHERE rejected_at IS NULL) AS pending,
    count(*) FILTER (WHERE rejected_at IS NOT NULL) AS rejected,
    86400000 * (julianday('now')
      - julianday(min(recorded_at) FILTER (WHERE rejected_at IS NULL))) AS oldest
    FROM ${outbox}`,
})
