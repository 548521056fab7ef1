import { DatabaseSync } from 'node:sqlite'

/** Which time a line comes in its file: 1, 2, … */
export interface Occurrences extends Disposable {
  next(digest: Buffer): number
}

/**
 * Counts lines in a temporary database on the disk, so that memory stays flat for any file. Keys
 * are 48 bits of the line's SHA-256: should two lines ever collide, the later one gets 2 instead of
 * 1, which is as unique and as stable.
 */
export function createOccurrences(): Occurrences {
  // An empty name is SQLite's private temporary database: it is gone when it is closed.
  const database = new DatabaseSync('')
  database.exec('PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-16384')
  database.exec('CREATE TABLE line (digest INTEGER PRIMARY KEY, count INTEGER NOT NULL)')
  database.exec('BEGIN')
  const insert = database.prepare('INSERT OR IGNORE INTO line VALUES (?, 1)')
  const increment = database.prepare(
    'UPDATE line SET count = count + 1 WHERE digest = ? RETURNING count',
  )
  return {
    next(digest) {
      const key = digest.readUIntBE(0, 6)
      if (insert.run(key).changes === 1) return 1
      return Number(increment.get(key)?.count ?? 1)
    },
    [Symbol.dispose]: () => database.close(),
  }
}
