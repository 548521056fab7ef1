import type { Catalogue, ChangeOf, EventOf } from '../catalogue.ts'
import { describeChange } from '../changes/describe-change.ts'
import type { AuditEvent } from '../event.ts'
import type { PreparedEvent } from '../prepare.ts'
import { createOutboxCore, type OutboxOptions, parseTableNames } from './outbox.ts'
import type { PostgresHandle } from './postgres/handles.ts'
import { createPostgresTable, createSchema, insertEvent, migrate } from './postgres/outbox-table.ts'
import { assertInTransaction } from './postgres/transaction.ts'
import { createRelay, type Relay, type RelayOptions } from './relay.ts'

export type { Rejected } from '../options.ts'
export type { RelayStats } from './relay.ts'
export type { OutboxOptions, PostgresHandle, Relay, RelayOptions }

/** Events in the caller's own transactions: recorded with the change or, with it, never. */
export interface Outbox<Actions extends object = Catalogue> {
  /** The table and its index, as SQL for a migration; run twice, it changes nothing. */
  readonly schema: string
  /** Does what `schema` says. Safe in several processes at once. */
  migrate(database: PostgresHandle): Promise<void>
  /**
   * Writes the event in this transaction; await it before the commit.
   * @param transaction a client of `pg` after `BEGIN`, or the transaction of Drizzle, Kysely, Prisma or
   * TypeORM
   * @returns the event as it will be in the log, but for what the service masks
   * @throws ClientError `event-invalid` without an actor, or for what can't be JSON;
   * `settings-invalid` for a handle that is seen to be outside of a transaction
   */
  record(transaction: PostgresHandle, event: EventOf<Actions>): Promise<PreparedEvent>
  /** Records what a change changed, as `describeChange` tells it. */
  change(transaction: PostgresHandle, change: ChangeOf<Actions>): Promise<PreparedEvent>
  /** Begins to bring what is committed to the service. Of several relays one at a time has its turn. */
  relay(options: PostgresRelayOptions): Relay
}

export interface PostgresRelayOptions extends RelayOptions {
  /** A pool of `pg`, or the database of Drizzle, Kysely, Prisma or TypeORM. */
  readonly db: PostgresHandle
  /** A relay that was killed holds the others up for so long. Default: 10 s. */
  readonly turnMs?: number
}

/**
 * An outbox in PostgreSQL.
 * @throws ClientError `settings-invalid`
 */
export function createOutbox<Actions extends object = Catalogue>(
  options: OutboxOptions<Actions>,
): Outbox<Actions>
export function createOutbox(options: OutboxOptions): Outbox {
  const names = parseTableNames(options.table)
  const core = createOutboxCore(options)
  const insert = async (transaction: PostgresHandle, submitted: AuditEvent) => {
    assertInTransaction(transaction)
    const { event, json } = core.prepare(submitted)
    await insertEvent(transaction, names, json)
    core.recorded()
    return event
  }
  return {
    schema: createSchema(names),
    migrate: (database) => migrate(database, names),
    record: (transaction, event) => insert(transaction, event),
    change: async (transaction, change) => insert(transaction, describeChange(change)),
    relay({ db, turnMs = 10_000, ...rest }) {
      const turn = { holder: crypto.randomUUID(), turnMs }
      return createRelay(core, createPostgresTable(db, names, turn), rest)
    },
  }
}
