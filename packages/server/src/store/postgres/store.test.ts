import { startPostgres, type TestPostgres } from '@indelible/testkit'
import { afterAll, beforeAll } from 'vitest'
import { openQuietStore } from '../testing/open-postgres.ts'
import { describeStoreContract } from '../testing/store-contract.ts'

let postgres: TestPostgres
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => postgres[Symbol.asyncDispose]())

describeStoreContract('PostgreSQL', async () => openQuietStore(await postgres.createDatabase()))
