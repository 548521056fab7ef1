import type pg from 'pg'
import { expectTypeOf, test } from 'vitest'
import { type Client, createClient } from '../index.ts'
import { createOutbox } from './postgres.ts'
import { createOutbox as createSqliteOutbox, type SqliteDatabase } from './sqlite.ts'

type Actions = {
  'invoice.paid': { amount: string }
  'invoice.viewed': undefined
}
declare const transaction: pg.PoolClient
declare const database: SqliteDatabase
declare const audit: Client<Actions>

test('a catalogue of actions holds for an outbox, too, and so does what a transaction is', () => {
  expectTypeOf(() => {
    const outbox = createOutbox({ audit })
    void outbox.record(transaction, { action: 'invoice.paid', data: { amount: '1' } })
    void outbox.change(transaction, { action: 'invoice.viewed', before: null, after: { n: 1 } })
    // @ts-expect-error not in the catalogue
    void outbox.record(transaction, { action: 'invoice.payed' })
    // @ts-expect-error its data is missing
    void outbox.change(transaction, { action: 'invoice.paid', after: {} })
    // @ts-expect-error no transaction
    void outbox.record({}, { action: 'invoice.viewed' })
    // @ts-expect-error no database
    outbox.relay({ db: 'postgres://' })
    const sqlite = createSqliteOutbox({ audit })
    const id: string = sqlite.record(database, { action: 'invoice.viewed' }).id
    // @ts-expect-error not in the catalogue
    sqlite.record(database, { action: 'invoice.payed' })
    void createOutbox({ audit: createClient({ url: '', onFull: 'block' }) })
    return id
  }).toBeFunction()
})
