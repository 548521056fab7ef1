import { execFile } from 'node:child_process'
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import {
  createTemporaryFolder,
  startPostgres,
  startTestServer,
  testRootKey,
} from '@indelible/testkit'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const run = promisify(execFile)

test('what docs/how-to/outbox.md shows compiles, and does what it says', async () => {
  await using server = await startTestServer()
  await using postgres = await startPostgres()
  using folder = createTemporaryFolder()
  const text = readFileSync(join(root, 'docs/how-to/outbox.md'), 'utf8')
  const shown = [...text.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => code)
  writeFileSync(join(folder.path, 'package.json'), '{"type":"module"}')
  writeFileSync(join(folder.path, 'shown.ts'), shown.join('\n'))
  symlinkSync(join(root, 'node_modules'), join(folder.path, 'node_modules'))
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const flags = '--ignoreConfig --noEmit --strict --skipLibCheck --exactOptionalPropertyTypes'
  const more = '--target esnext --module nodenext --types node --allowImportingTsExtensions'
  const { stdout } = await run(
    process.execPath,
    [tsc, ...flags.split(' '), ...more.split(' '), 'shown.ts'],
    { cwd: folder.path },
  ).catch((error) => error)
  expect(stdout).toBe('')

  const { stderr } = await run(process.execPath, ['shown.ts'], {
    cwd: folder.path,
    env: {
      PATH: process.env.PATH,
      INDELIBLE_URL: server.url,
      INDELIBLE_KEY: testRootKey,
      DATABASE_URL: postgres.url,
      SQLITE_PATH: join(folder.path, 'app.db'),
      NODE_NO_WARNINGS: '1',
    },
  })
  expect(stderr).toBe('')
  const { json } = await server.ask('/v1/events?order=asc')
  const kept = json.entries.map(({ event }: { event: { action: string } }) => event)
  expect(kept.map(({ action }: { action: string }) => action).sort()).toEqual([
    'note.written',
    'search.invalidated',
    'user.invited',
    'user.invited',
    'user.invited',
    'user.renamed',
    'user.renamed',
  ])
  expect(kept[0]).toMatchObject({
    action: 'user.renamed',
    actor: { id: 'u_1' },
    data: { patch: [{ op: 'replace', path: '/name', value: 'Zoë' }] },
  })
})
