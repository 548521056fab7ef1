import type { Catalogue } from '../catalogue.ts'
import type { Client } from '../create-client.ts'
import { ClientError } from '../error.ts'
import type { AuditEvent } from '../event.ts'
import { actorMissing, type PreparedEvent, stringify } from '../prepare.ts'
import type { RelaySource } from './relay.ts'

export interface OutboxOptions<Actions extends object = Catalogue> {
  /** Fills the events when they are recorded, and appends them when they are relayed. */
  readonly audit: Client<Actions, void | Promise<void>>
  /** The outbox's table, `schema.table` or `table`. Default: `indelible_outbox`. */
  readonly table?: string
}

/** Names as SQL, quoted: of the table, of its index, and of the table that says whose turn it is. */
export interface TableNames {
  readonly outbox: string
  readonly index: string
  readonly turn: string
}

/** @throws ClientError `settings-invalid` for a name that isn't a plain one */
export function parseTableNames(table = 'indelible_outbox'): TableNames {
  const [, schema = '', name] = /^([A-Za-z_]\w{0,49}\.)?([A-Za-z_]\w{0,49})$/.exec(table) ?? []
  if (name === undefined) {
    throw new ClientError('settings-invalid', `table must be a plain name, not "${table}".`)
  }
  const prefix = schema === '' ? '' : `"${schema.slice(0, -1)}".`
  return {
    outbox: `${prefix}"${name}"`,
    index: `"${name}_pending"`,
    turn: `${prefix}"${name}_turn"`,
  }
}

/** What is common to the databases: an event made ready for its row, and the way to the service. */
export interface OutboxCore extends RelaySource {
  /**
   * Everything is settled here, before the commit: the id, so that no repeat doubles it; the time; who.
   * @throws ClientError `event-invalid` for one without an actor, so that the transaction fails too
   */
  prepare(event: AuditEvent): { readonly event: PreparedEvent; readonly json: string }
  /** Something was recorded; its commit is near. */
  recorded(): void
}

/** @throws ClientError `settings-invalid` where no compiler looked, and there is no client */
export function createOutboxCore({ audit }: OutboxOptions): OutboxCore {
  if (typeof audit?.appendAll !== 'function') {
    const why = 'createOutbox({ audit }) takes the client, of createClient.'
    throw new ClientError('settings-invalid', why)
  }
  const listeners = new Set<() => void>()
  return {
    prepare(submitted) {
      const event = audit.prepare(submitted)
      if (event.actor === undefined) throw actorMissing(event.id)
      return { event, json: stringify(event) }
    },
    // Outside of any context: a relayed event has its own.
    appendAll: audit.bind((events, signal) => audit.appendAll(events, { signal })),
    recorded() {
      for (const listener of listeners) listener()
    },
    onRecorded(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

export const outsideTransaction = (what: string): ClientError =>
  new ClientError('settings-invalid', `${what}: the event would be kept even if the change is not.`)
