import {
  createTemporaryFolder,
  createTestSeed,
  startPostgres,
  startTestServer,
} from '@indelible/testkit'
import { afterAll, expect, test } from 'vitest'

/** What somebody tries who is up to no good, or what a database does on its worst day. */
const temporary = createTemporaryFolder()
const seedFile = createTestSeed(temporary.path)
const postgres = await startPostgres()
afterAll(async () => {
  await postgres[Symbol.asyncDispose]()
  temporary[Symbol.dispose]()
})

const startNode = async (databaseUrl: string) =>
  startTestServer({ folder: temporary.path, config: { databaseUrl, seedFile, drainMs: 0 } })

test('a name that PostgreSQL can not hold is the name of no log', async () => {
  await using node = await startNode(await postgres.createDatabase())
  for (const path of ['', '/checkpoint', '/tile/0/000', '/proofs/inclusion?index=0&size=1']) {
    const answer = await node.ask(`/v1/logs/%00${path}`)
    expect([path, answer.status, answer.json.code]).toEqual([path, 404, 'log-unknown'])
  }
})
