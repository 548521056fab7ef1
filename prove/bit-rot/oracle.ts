// What is kept, as SQLite and JSON read it: knows nothing of audits, hashes and keys.
import { readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

/** What can't be read is another thing than what could. */
const unreadable = 'unreadable'

function readOrNot(read: () => string): string {
  try {
    return read()
  } catch {
    return unreadable
  }
}

/** Every row of a database, by each of the ways that there are to it. */
const readDatabase = (path: string, statements: readonly string[]): string =>
  readOrNot(() => {
    using database = new DatabaseSync(path, { readOnly: true })
    const rows = statements.map((sql) => {
      const statement = database.prepare(sql)
      statement.setReturnArrays(true) // a column's name in another case is the same column
      return statement.all()
    })
    return JSON.stringify(rows)
  })

const evidenceStatements = [
  'PRAGMA user_version',
  // Of whatever rows there seem to be, the first is read.
  'SELECT id FROM instance LIMIT 1',
  ...['log', 'entry', 'entry_id', 'node'].map((table) => `SELECT * FROM ${table} NOT INDEXED`),
  'SELECT log, idx, seq FROM entry INDEXED BY entry_by_index WHERE log >= 0 ORDER BY log, idx',
]

/** A log.db without what administration keeps: `readAdministration`. */
export const readLogFile = (path: string): string =>
  readDatabase(path, [...evidenceStatements, 'SELECT * FROM checkpoint'])

/**
 * A log.db whose newest transactions are in its write-ahead log. A bit of that cuts off what comes
 * behind it, as a crash does: the newest checkpoint is signed anew then, and is nobody's loss.
 */
export const readLogInWal = (path: string): string => readDatabase(path, evidenceStatements)

/** Keys, users, sessions: no audit speaks of them. */
export const readAdministration = (path: string): string =>
  readDatabase(path, ['SELECT * FROM admin'])

export const readGuardFile = (path: string): string => readDatabase(path, ['SELECT * FROM guard'])

/** The index by what it answers: every term that is in it, looked up. */
export const readIndexFile = (path: string): string =>
  readOrNot(() => {
    using database = new DatabaseSync(path, { readOnly: true })
    database.exec('CREATE VIRTUAL TABLE temp.term USING fts5vocab(main, fact, row)')
    const terms = database.prepare('SELECT term FROM temp.term').all()
    const find = database.prepare('SELECT rowid FROM fact WHERE fact MATCH ?')
    find.setReturnArrays(true)
    const state = 'SELECT version, instance, hex(secret), watermark, hex(hash) FROM state'
    return JSON.stringify([
      database.prepare(state).all(),
      database.prepare('SELECT * FROM span').all(),
      terms.map(({ term }) => [term, find.all(`"${term}"`)]),
    ])
  })

const readText = (path: string): string =>
  new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path))

/** A backup's manifest, but for when it was made: that is said nowhere else. */
export const readManifest = (path: string): string =>
  readOrNot(() => {
    // Everything in it but that is ASCII.
    const { created: _, ...rest } = JSON.parse(readFileSync(path, 'latin1'))
    return JSON.stringify(rest)
  })

/**
 * A file of receipts by what it says, but for signatures of others than the log: whoever pinned no
 * key of theirs passes them over, as the specification of notes demands. And but for what its
 * manifest says of the file: nobody signed that, so nothing that is verified may come from it.
 */
export const readReceipts = (path: string): string =>
  readOrNot(() => {
    const lines = readText(path).split('\n')
    const values = lines.flatMap((line) => (line.trim() === '' ? [] : [JSON.parse(line)]))
    const proven = values.map((value) =>
      value?.format === manifestFormat ? manifestFormat : value,
    )
    return JSON.stringify(proven, (_, value) => (isNote(value) ? stripOthers(value) : value))
  })

const manifestFormat = 'indelible-receipts/v1'

const isNote = (value: unknown): value is string =>
  typeof value === 'string' && value.includes('\n\n— ')

function stripOthers(note: string): string {
  const lines = note.split('\n')
  const isOthers = (line: string) => line.startsWith('— ') && !line.startsWith(`— ${lines[0]} `)
  return lines.filter((line) => !isOthers(line)).join('\n')
}

export const readBytes = (path: string): string => readFileSync(path, 'hex')
