import { DatabaseSync } from 'node:sqlite'
import { createItems, type Items } from './items.ts'
import { createUsers, type Users } from './users.ts'

/** What the application keeps. */
export interface Store extends Disposable {
  readonly users: Users
  readonly items: Items
}

/** Version 1. The next is another text, run where `user_version` is 1. */
const schema = `
  CREATE TABLE users (
    username      TEXT PRIMARY KEY,
    password_hash TEXT NOT NULL,
    role          TEXT NOT NULL CHECK (role IN ('user', 'admin')),
    created       TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE items (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    name        TEXT NOT NULL,
    description TEXT,
    price_cents INTEGER NOT NULL CHECK (price_cents >= 0),
    owner       TEXT NOT NULL REFERENCES users (username),
    created     TEXT NOT NULL
  ) STRICT;

  PRAGMA user_version = 1;
`

/** Opens the database, or makes it. With `synchronous = FULL` an answered write outlives a power cut. */
export function openStore(path: string): Store {
  const database = new DatabaseSync(path)
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA busy_timeout = 5000;
  `)
  const { user_version: version } = database.prepare('PRAGMA user_version').get() ?? {}
  if (version === 0) database.exec(`BEGIN IMMEDIATE; ${schema} COMMIT;`)
  return {
    users: createUsers(database),
    items: createItems(database),
    [Symbol.dispose]: () => database.close(),
  }
}
