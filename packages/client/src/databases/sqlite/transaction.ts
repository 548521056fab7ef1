import { outsideTransaction, type TableNames } from '../outbox.ts'
import { compileForKysely, toHex } from '../raw-statement.ts'
import type { DrizzleTransaction, KyselyTransaction, SqliteDatabase } from './handles.ts'

export type SqliteTransaction = SqliteDatabase | KyselyTransaction | DrizzleTransaction

/** Whether a transaction is open on this connection; undefined where it doesn't tell. */
export function isInTransaction(database: object): boolean | undefined {
  // `node:sqlite` and Kysely; better-sqlite3.
  const told = 'isTransaction' in database ? database.isTransaction : undefined
  const answer = told ?? ('inTransaction' in database ? database.inTransaction : undefined)
  return typeof answer === 'boolean' ? answer : undefined
}

/** @throws ClientError `settings-invalid` for what is known to be outside of a transaction */
export function assertInTransaction(transaction: SqliteTransaction): void {
  const isDrizzle = !('prepare' in transaction) && !('executeQuery' in transaction)
  const isOutside = isDrizzle
    ? !('rollback' in transaction)
    : isInTransaction(transaction) === false
  if (isOutside) throw outsideTransaction('No transaction is open here')
}

/** @returns a promise where the library is asynchronous */
export function insertEvent(
  transaction: SqliteTransaction,
  { outbox }: TableNames,
  json: string,
): unknown {
  const text = `INSERT INTO ${outbox} (event) VALUES (?)`
  if ('executeQuery' in transaction) {
    // Its own type of query can't be named here.
    return transaction.executeQuery(compileForKysely(text, [json]) as never)
  }
  if ('prepare' in transaction) return void transaction.prepare(text).run(json)
  return transaction.run(text.replace('?', `CAST(X'${toHex(json)}' AS TEXT)`))
}
