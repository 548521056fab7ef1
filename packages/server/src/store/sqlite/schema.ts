import { randomBytes } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { readPragma } from './open.ts'

/** Steps of log.db's schema; step n takes `user_version` n to n + 1. Never edit one that shipped. */
const logSteps = [
  `
  CREATE TABLE instance (
    id TEXT NOT NULL
  ) STRICT;

  CREATE TABLE log (
    number INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL UNIQUE,
    origin TEXT NOT NULL,
    generation INTEGER NOT NULL,
    vkey TEXT NOT NULL,
    size INTEGER NOT NULL,
    received INTEGER NOT NULL,
    edge BLOB NOT NULL
  ) STRICT;

  -- seq is the order of appending over all logs, private to this store; (log, idx) is the contract.
  CREATE TABLE entry (
    seq INTEGER PRIMARY KEY,
    log INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    received INTEGER NOT NULL,
    type TEXT NOT NULL,
    hash BLOB NOT NULL,
    secret BLOB NOT NULL,
    core TEXT NOT NULL,
    actor TEXT,
    changes TEXT,
    context TEXT,
    data TEXT,
    targets TEXT
  ) STRICT;
  CREATE UNIQUE INDEX entry_by_index ON entry (log, idx);

  -- A UUID is kept as its 16 bytes: half the size, and UUIDv7 then arrives in key order.
  CREATE TABLE entry_id (
    log INTEGER NOT NULL,
    id BLOB NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (log, id)
  ) STRICT, WITHOUT ROWID;

  -- Completed subtrees only: level 1 covers 256 leaves. Level 0 is entry.hash.
  CREATE TABLE node (
    log INTEGER NOT NULL,
    level INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (log, level, idx)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE checkpoint (
    log INTEGER PRIMARY KEY,
    size INTEGER NOT NULL,
    time INTEGER NOT NULL,
    note TEXT NOT NULL
  ) STRICT;

  CREATE TABLE admin (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (kind, id)
  ) STRICT, WITHOUT ROWID;
  `,
  // Not null of an ended log: the tenant whose log it was. The log is then read under another name.
  'ALTER TABLE log ADD COLUMN former_tenant TEXT',
  // JSON: keys that signed the log before the one in use; null where there is none.
  'ALTER TABLE log ADD COLUMN former_keys TEXT',
]

/**
 * Brings log.db to this program's schema, in one transaction.
 * @throws Error where the file was written by a newer version: an older program must not guess
 */
export function migrateLog(database: DatabaseSync): void {
  const found = Number(readPragma(database, 'user_version'))
  if (found > logSteps.length) {
    throw new Error(
      `The data folder has schema ${found}; this version of Indelible knows ${logSteps.length}. ` +
        'Start the newer version, or restore a backup made by this one.',
    )
  }
  if (found === logSteps.length) return
  database.exec('BEGIN IMMEDIATE')
  try {
    for (const step of logSteps.slice(found)) database.exec(step)
    if (found === 0) {
      const id = randomBytes(10).toString('hex')
      database.prepare('INSERT INTO instance (id) VALUES (?)').run(id)
    }
    database.exec(`PRAGMA user_version = ${logSteps.length}; COMMIT`)
  } catch (error) {
    database.exec('ROLLBACK')
    throw error
  }
}

/** Steps that the file has, and those that this program knows. */
export const readSchemaState = (database: DatabaseSync) => ({
  found: Number(readPragma(database, 'user_version')),
  known: logSteps.length,
})

/** @throws Error where a log.db that is only read is not of this program's schema */
export function assertLogSchema(database: DatabaseSync): void {
  const found = Number(readPragma(database, 'user_version'))
  if (found === logSteps.length) return
  const remedy =
    found < logSteps.length
      ? 'Start the service once to bring it up to date'
      : 'Use a newer version'
  throw new Error(
    `log.db has schema ${found}; this version of Indelible knows ${logSteps.length}. ${remedy}.`,
  )
}

/** Identity of the data folder, made with it. */
export function readInstanceId(database: DatabaseSync): string {
  return String(database.prepare('SELECT id FROM instance').get()?.id)
}

/** Of a folder that takes over the logs of another store, in the caller's transaction. */
export function writeInstanceId(database: DatabaseSync, id: string): void {
  database.prepare('UPDATE instance SET id = ?').run(id)
}
