import type { DatabaseSync } from 'node:sqlite'
import { describeMoved, formatMove, type Move, parseMove } from '../move.ts'

/** Whatever is kept for good; the mark itself lies outside of them. */
const guardedTables = ['log', 'entry', 'entry_id', 'node', 'checkpoint', 'admin'] as const
const operations = ['INSERT', 'UPDATE', 'DELETE'] as const

const triggers = guardedTables.flatMap((table) =>
  operations.map((operation) => ({
    table,
    operation,
    name: `moved_${table}_${operation.toLowerCase()}`,
  })),
)

/** The mark of a log.db; its table is made with the first one, so most folders have none. */
export function readMove(database: DatabaseSync): Move | undefined {
  const table = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'move'").get()
  if (table === undefined) return undefined
  const row = database.prepare('SELECT mark FROM move').get()
  return row === undefined ? undefined : parseMove(String(row.mark))
}

/**
 * Sets or removes the mark, in the caller's transaction. `moved` comes with triggers that refuse
 * every further row, also to a service that has the file open.
 */
export function writeMove(database: DatabaseSync, move: Move | undefined): void {
  database.exec('CREATE TABLE IF NOT EXISTS move (mark TEXT NOT NULL) STRICT; DELETE FROM move')
  for (const { name } of triggers) database.exec(`DROP TRIGGER IF EXISTS ${name}`)
  if (move === undefined) {
    database.exec('DROP TABLE move')
    return
  }
  database.prepare('INSERT INTO move (mark) VALUES (?)').run(formatMove(move))
  if (move.state !== 'moved') return
  const message = describeMoved(move).replaceAll("'", "''")
  for (const { table, operation, name } of triggers) {
    database.exec(`
      CREATE TRIGGER ${name} BEFORE ${operation} ON ${table}
      BEGIN SELECT RAISE(ABORT, '${message}'); END`)
  }
}
