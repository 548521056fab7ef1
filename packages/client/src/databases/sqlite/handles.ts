/**
 * The caller's own SQLite library, known by what it can do. Texts are the only parameters. What is
 * synchronous stays so: a transaction of better-sqlite3 rolls back for what is thrown, not rejected.
 */

/** `node:sqlite`'s DatabaseSync, better-sqlite3's Database. The transaction is that of the connection. */
export interface SqliteDatabase {
  exec(text: string): unknown
  prepare(text: string): {
    run(...values: string[]): unknown
    all(...values: string[]): unknown[]
  }
}

/** Kysely's transactions. */
export interface KyselyTransaction {
  readonly isTransaction: boolean
  /** Takes its own CompiledQuery. */
  executeQuery(query: never): Promise<unknown>
}

/** Drizzle's transactions; some are synchronous. It takes raw text, without parameters. */
export interface DrizzleTransaction {
  run(text: string): unknown
  rollback(): never
}
