import type { Catalogue, ChangeOf, EventOf } from '../catalogue.ts'
import { describeChange } from '../changes/describe-change.ts'
import { ClientError } from '../error.ts'
import type { AuditEvent } from '../event.ts'
import type { PreparedEvent } from '../prepare.ts'
import { createOutboxCore, type OutboxOptions, parseTableNames } from './outbox.ts'
import { createRelay, type Relay, type RelayOptions } from './relay.ts'
import type { DrizzleTransaction, KyselyTransaction, SqliteDatabase } from './sqlite/handles.ts'
import { createSchema, createSqliteTable } from './sqlite/outbox-table.ts'
import { assertInTransaction, insertEvent, type SqliteTransaction } from './sqlite/transaction.ts'

export type { Rejected } from '../options.ts'
export type { RelayStats } from './relay.ts'
export type {
  DrizzleTransaction,
  KyselyTransaction,
  OutboxOptions,
  Relay,
  RelayOptions,
  SqliteDatabase,
}

/** Writes into a transaction: at once where the library is synchronous, else await it. */
export interface Recording<Submitted> {
  (transaction: SqliteDatabase, submitted: Submitted): PreparedEvent
  (transaction: KyselyTransaction, submitted: Submitted): Promise<PreparedEvent>
  (transaction: DrizzleTransaction, submitted: Submitted): PreparedEvent | Promise<PreparedEvent>
}

/** Events in the caller's own transactions: recorded with the change or, with it, never. */
export interface Outbox<Actions extends object = Catalogue> {
  /** The table and its index, as SQL for a migration; run twice, it changes nothing. */
  readonly schema: string
  /** Does what `schema` says. */
  migrate(database: SqliteDatabase): void
  /**
   * Writes the event in this transaction.
   * @param transaction a connection of `node:sqlite` or better-sqlite3 after `BEGIN`, or the transaction
   * of Drizzle or Kysely
   * @returns the event as it will be in the log, but for what the service masks
   * @throws ClientError `event-invalid` without an actor, or for what can't be JSON;
   * `settings-invalid` for a handle that is seen to be outside of a transaction
   */
  readonly record: Recording<EventOf<Actions>>
  /** Records what a change changed, as `describeChange` tells it. */
  readonly change: Recording<ChangeOf<Actions>>
  /** Begins to bring what is committed to the service, by a connection of its own at best. */
  relay(options: RelayOptions & { readonly db: SqliteDatabase }): Relay
}

/**
 * An outbox in SQLite.
 * @throws ClientError `settings-invalid`
 */
export function createOutbox<Actions extends object = Catalogue>(
  options: OutboxOptions<Actions>,
): Outbox<Actions>
export function createOutbox(options: OutboxOptions): Outbox {
  if (options.table?.includes('.') === true) {
    throw new ClientError('settings-invalid', 'table must be in the main database.')
  }
  const names = parseTableNames(options.table)
  const core = createOutboxCore(options)
  function insert(transaction: SqliteTransaction, submitted: AuditEvent) {
    assertInTransaction(transaction)
    const { event, json } = core.prepare(submitted)
    const writing = insertEvent(transaction, names, json)
    core.recorded()
    return isPromise(writing) ? writing.then(() => event) : event
  }
  return {
    schema: createSchema(names),
    migrate: (database) => void database.exec(createSchema(names)),
    // What it answers follows from the library.
    record: insert as Recording<AuditEvent>,
    change: ((transaction, change) =>
      insert(transaction, describeChange(change))) as Outbox['change'],
    relay: ({ db, ...rest }) => createRelay(core, createSqliteTable(db, names), rest),
  }
}

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value
