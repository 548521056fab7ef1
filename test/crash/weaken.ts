// Loaded into the service by `--import`, by the crash test alone: it changes what SQLite is told
// behind the product's back, after the product has read its settings back.
import { DatabaseSync } from 'node:sqlite'

const { CRASH_SYNCHRONOUS: synchronous, CRASH_WAL_PAGES: walPages } = process.env
const { exec } = DatabaseSync.prototype

DatabaseSync.prototype.exec = function (this: DatabaseSync, sql: string): void {
  if (synchronous !== undefined && sql === 'BEGIN IMMEDIATE') {
    exec.call(this, `PRAGMA synchronous = ${synchronous}`)
  }
  // A WAL that is checkpointed every few commits brings every kind of moment into a short journal.
  const pages = `wal_autocheckpoint = ${walPages}`
  const often = walPages === undefined ? sql : sql.replace(/wal_autocheckpoint = \d+/, pages)
  exec.call(this, often)
}
