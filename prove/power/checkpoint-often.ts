// Loaded by `--import` into the services that stage `power` records: a WAL that is checkpointed
// every few commits brings every kind of moment into a short journal.
import { DatabaseSync } from 'node:sqlite'

const { exec } = DatabaseSync.prototype

DatabaseSync.prototype.exec = function (this: DatabaseSync, sql: string): void {
  exec.call(this, sql.replace(/wal_autocheckpoint = \d+/, 'wal_autocheckpoint = 120'))
}
