// Makes what test/upgrade.test.ts starts today's code on: stores as an older version leaves them when
// it is killed. docs/how-to/upgrade.md says how to run it.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fill } from './fill.ts'

const [clone, name] = process.argv.slice(2)
if (clone === undefined || name === undefined) {
  console.error('Usage: make.ts <clone of the older version, installed> <name of the version>')
  process.exit(2)
}
/** The older version's own: it starts the older service. */
type Testkit = typeof import('@indelible/testkit')
const kit: Testkit = await import(resolve(clone, 'packages/testkit/src/index.ts'))

const folder = mkdtempSync(join(tmpdir(), 'indelible-upgrade-'))
try {
  await makeFolder(join(folder, 'folder'))
  await makeDatabase(join(folder, 'database'))
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function makeFolder(place: string): Promise<void> {
  const data = join(place, 'data')
  const server = await kit.spawnServer({ folder: data })
  writeFileSync(join(place, 'remembered.json'), JSON.stringify(await fill(server)))
  await server.kill('SIGKILL')
  // Made anew by whoever lacks it.
  rmSync(join(data, 'writer.lock'), { force: true })
  pack(place, `data-folder-${name}.tar.gz`)
}

/** Needs `pg_dump` of the version that INDELIBLE_TEST_POSTGRES names, or of an older one. */
async function makeDatabase(place: string): Promise<void> {
  const seed = kit.createTestSeed(place)
  await using postgres = await kit.startPostgres()
  const url = await postgres.createDatabase()
  const environment = { INDELIBLE_STORE: url, INDELIBLE_SEED_FILE: seed }
  const server = await kit.spawnServer({ folder: place, environment })
  writeFileSync(join(place, 'remembered.json'), JSON.stringify(await fill(server)))
  await server.kill('SIGKILL')
  const flags = ['--inserts', '--rows-per-insert=100', '--no-owner', '--no-privileges']
  const { status, stdout, stderr } = spawnSync('pg_dump', [...flags, url], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`pg_dump ended with ${status}: ${stderr}`)
  // `\\restrict` and its end are psql's, not SQL.
  writeFileSync(join(place, 'dump.sql'), stdout.replaceAll(/^\\(?:un)?restrict .*\n/gm, ''))
  pack(place, `database-${name}.tar.gz`)
}

function pack(place: string, file: string): void {
  const target = join(import.meta.dirname, file)
  const packed = join(place, '..', file)
  const flags = ['--sort=name', '--owner=0', '--group=0', '-czf', packed, '-C', place, '.']
  const { status, stderr } = spawnSync('tar', flags, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`tar ended with ${status}: ${stderr}`)
  cpSync(packed, target)
  console.log(`Wrote ${target}`)
}
