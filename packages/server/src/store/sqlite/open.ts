import { DatabaseSync } from 'node:sqlite'

/** SQLite before this version can corrupt a WAL database when checkpoints run concurrently. */
const sqliteVersionMin = [3, 51, 3]

export interface OpenOptions {
  readonly path: string
  /** `FULL`: a commit is on the disk before it returns. `NORMAL`: for what can be rebuilt. */
  readonly synchronous: 'FULL' | 'NORMAL'
  readonly readOnly?: boolean
  /** Page cache, KiB. */
  readonly cacheKib: number
}

/**
 * Opens an SQLite database in WAL mode and reads its settings back: a durability that is not what
 * we claim is a reason not to start, not a warning.
 */
export function openDatabase(options: OpenOptions): DatabaseSync {
  const { path, readOnly = false } = options
  const database = new DatabaseSync(path, { readOnly, timeout: 10_000 })
  return closeOnFailure(database, () => configure(database, options))
}

/**
 * Does what a database needs before anyone has it. One that is left open is closed when it is
 * collected, at any time, and then removes the WAL at its path: of the file that took its place.
 */
export function closeOnFailure(database: DatabaseSync, work: () => void): DatabaseSync {
  try {
    work()
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

function configure(database: DatabaseSync, options: OpenOptions): void {
  const { path, synchronous, cacheKib, readOnly = false } = options
  assertVersion(database)
  if (!readOnly) database.exec('PRAGMA journal_mode = WAL')
  database.exec(`
    PRAGMA synchronous = ${synchronous};
    PRAGMA cache_size = -${cacheKib};
    PRAGMA temp_store = MEMORY;
    PRAGMA foreign_keys = ON;
  `)
  const journal = readPragma(database, 'journal_mode')
  const level = readPragma(database, 'synchronous')
  const levelWanted = synchronous === 'FULL' ? 2 : 1
  if (journal === 'wal' && level === levelWanted) return
  throw new Error(
    `${path}: SQLite runs with journal_mode=${journal} and synchronous=${level} where wal and ` +
      `${levelWanted} were asked for; what it acknowledges might not survive a power cut.`,
  )
}

export function readPragma(database: DatabaseSync, name: string): unknown {
  const row = database.prepare(`PRAGMA ${name}`).get()
  return row === undefined ? undefined : Object.values(row)[0]
}

function assertVersion(database: DatabaseSync): void {
  const row = database.prepare('SELECT sqlite_version() AS version').get()
  const version = String(row?.version)
  const parts = version.split('.').map(Number)
  const differing = sqliteVersionMin.findIndex((part, n) => parts[n] !== part)
  if (differing === -1 || (parts[differing] ?? 0) > (sqliteVersionMin[differing] ?? 0)) return
  throw new Error(
    `SQLite ${version} is older than ${sqliteVersionMin.join('.')}, which is known to corrupt ` +
      'databases under concurrent checkpoints. Start with a newer Node.',
  )
}
