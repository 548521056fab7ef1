import type { DatabaseSync } from 'node:sqlite'
import type { Catalogue, Client } from '@indelible/client'
import * as postgres from '@indelible/client/postgres'
import * as sqlite from '@indelible/client/sqlite'
import type { Pool, PoolClient } from 'pg'

type Actions = { 'invoice.paid': { readonly amount: string }; 'invoice.viewed': undefined }

/** The catalogue is that of the client. Never run. */
export async function pay(audit: Client<Actions>, pool: Pool, transaction: PoolClient) {
  const outbox = postgres.createOutbox({ audit, table: 'shop.outbox' })
  const data = { amount: '12.50' }
  const { id } = await outbox.record(transaction, { action: 'invoice.paid', data })
  await outbox.change(transaction, { action: 'invoice.viewed', before: null, after: { id } })
  // @ts-expect-error a client fills the events, and appends them
  postgres.createOutbox({ table: 'outbox' })
  // @ts-expect-error a typo does not vanish
  postgres.createOutbox({ audit, tabel: 'outbox' })
  // @ts-expect-error in which transaction?
  await outbox.record({ action: 'invoice.paid', data })
  // @ts-expect-error no transaction
  await outbox.record({}, { action: 'invoice.viewed' })
  // @ts-expect-error not in the catalogue
  await outbox.record(transaction, { action: 'invoice.payed', data })
  // @ts-expect-error its data is required
  await outbox.record(transaction, { action: 'invoice.paid' })
  // @ts-expect-error its data is required beside the difference
  await outbox.change(transaction, { action: 'invoice.paid', before: null, after: null })
  // @ts-expect-error a state is an object
  await outbox.change(transaction, { action: 'invoice.viewed', before: 'unpaid' })
  // @ts-expect-error written when it is awaited: before the commit
  console.log(outbox.record(transaction, { action: 'invoice.viewed' }).id)
  await outbox.relay({ db: pool, turnMs: 5_000 }).flush()
  // @ts-expect-error from which database?
  outbox.relay({ turnMs: 5_000 })
  // @ts-expect-error an address is no database
  outbox.relay({ db: 'postgres://' })
}

export function payHere(audit: Client<Actions>, database: DatabaseSync): void {
  const outbox = sqlite.createOutbox({ audit })
  outbox.migrate(database)
  // Written when it returns.
  console.log(outbox.record(database, { action: 'invoice.viewed' }).id)
  // @ts-expect-error not in the catalogue
  outbox.record(database, { action: 'invoice.payed' })
  // @ts-expect-error its data is required
  outbox.record(database, { action: 'invoice.paid' })
  // @ts-expect-error no database
  outbox.record('shop.db', { action: 'invoice.viewed' })
  // @ts-expect-error from which database?
  outbox.relay({})
}

/** A client that blocks will do, too. */
export const payBlocking = (audit: Client<Catalogue, Promise<void>>) =>
  sqlite.createOutbox({ audit })
