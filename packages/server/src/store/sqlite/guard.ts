import type { Guard, GuardState } from '../guard.ts'
import { openDatabase } from './open.ts'

/** What a guard remembers, for whoever only looks. */
export function readGuardStates(path: string): GuardState[] {
  const database = openDatabase({ path, synchronous: 'FULL', readOnly: true, cacheKib: 256 })
  try {
    // Columns of GuardState.
    return database.prepare(selectStates).all() as unknown as GuardState[]
  } finally {
    database.close()
  }
}

const selectStates = 'SELECT origin, tenant, size, edge FROM guard'

/**
 * The guard in a small database of its own, guard.db: it is not part of a backup, so that a
 * restored, older log meets a guard that remembers more. Each advance is fsynced before it returns.
 */
export function openGuard(path: string): Guard & Disposable {
  const database = openDatabase({ path, synchronous: 'FULL', cacheKib: 256 })
  database.exec(`
    CREATE TABLE IF NOT EXISTS guard (
      origin TEXT PRIMARY KEY,
      tenant TEXT NOT NULL,
      size INTEGER NOT NULL,
      edge BLOB NOT NULL
    ) STRICT, WITHOUT ROWID`)
  const list = database.prepare(selectStates)
  const insert = database.prepare(
    'INSERT INTO guard (origin, tenant, size, edge) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
  )
  const update = database.prepare(
    'UPDATE guard SET size = ?, edge = ? WHERE origin = ? AND size = ?',
  )
  return {
    async list() {
      return list.all() as unknown as GuardState[] // columns of GuardState
    },
    async advance(steps) {
      database.exec('BEGIN IMMEDIATE')
      try {
        for (const { from, to } of steps) {
          const { origin, tenant, size, edge } = to
          const { changes } =
            from === undefined
              ? insert.run(origin, tenant, size, edge)
              : update.run(size, edge, origin, from)
          if (Number(changes) !== 1) throw new Error(`The guard of ${origin} was moved by another.`)
        }
        database.exec('COMMIT')
      } catch (error) {
        if (database.isTransaction) database.exec('ROLLBACK')
        throw error
      }
    },
    [Symbol.dispose]: () => database.close(),
  }
}
