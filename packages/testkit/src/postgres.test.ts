import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startPostgres } from './postgres.ts'
import { createTemporaryFolder } from './start-server.ts'
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

test('in a folder of one’s own it is there at the next start, and refuses a second at a time', async () => {
  using temporary = createTemporaryFolder()
  chmodSync(temporary.path, 0o711) // whoever PostgreSQL runs as must get to its folder
  const folder = join(temporary.path, 'postgres')
  {
    await using postgres = await startPostgres({ folder })
    await askDatabase(postgres.url, 'CREATE TABLE kept AS SELECT 7 AS n')
    await expect(startPostgres({ folder })).rejects.toThrow('postmaster.pid')
  }
  await using postgres = await startPostgres({ folder })
  expect(await askDatabase(postgres.url, 'SELECT n FROM kept')).toEqual([{ n: 7 }])
})
