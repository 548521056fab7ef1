import { expect, test } from 'vitest'
import { startPostgres } from './postgres.ts'
import { askDatabase } from './test-store.ts'

test('what was committed is there after a crash of the test’s own PostgreSQL', async () => {
  await using postgres = await startPostgres()
  const url = await postgres.createDatabase()
  const ask = (sql: string) => askDatabase(url, sql)
  await ask('CREATE TABLE kept AS SELECT 7 AS n')
  expect(await ask('SHOW fsync')).toEqual([{ fsync: 'on' }])
  await postgres.restart('immediate')
  expect(await ask('SELECT n FROM kept')).toEqual([{ n: 7 }])
  await postgres.restart('fast')
  expect(await ask('SELECT n FROM kept')).toEqual([{ n: 7 }])
})
