import { randomBytes } from 'node:crypto'
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { auditData, type Finding } from '@indelible/server'
import { askDatabase, createTemporaryFolder, tamper, testServerVariable } from '@indelible/testkit'

/** Runs SQL behind the service's back, on the store that a test's folder stands for. */
export async function tamperStore(
  folder: string,
  sql: { readonly sqlite: string; readonly postgres: string },
): Promise<void> {
  const url = join(folder, 'database.url')
  if (existsSync(url)) {
    await askDatabase(readFileSync(url, 'utf8'), `SET search_path = indelible; ${sql.postgres}`)
  } else {
    tamper(folder, sql.sqlite)
  }
}

/** From now on the store keeps no entry, and reads as before. */
export const refuseEntries = (folder: string): Promise<void> =>
  tamperStore(folder, {
    sqlite: `CREATE TRIGGER refusing BEFORE INSERT ON entry
      BEGIN SELECT RAISE(ABORT, 'no entry today'); END`,
    postgres: `
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE disk_full USING MESSAGE = 'no entry today';
      END $$;
      CREATE TRIGGER refusing BEFORE INSERT ON entry FOR EACH ROW EXECUTE FUNCTION refuse()`,
  })

export const acceptEntries = (folder: string): Promise<void> =>
  tamperStore(folder, {
    sqlite: 'DROP TRIGGER refusing',
    postgres: 'DROP TRIGGER refusing ON entry',
  })

/** A copy of a stopped service's store, to be changed, audited and served. */
export async function copyStore(folder: string): Promise<Disposable & { readonly path: string }> {
  const copy = createTemporaryFolder()
  cpSync(folder, copy.path, { recursive: true })
  const remembered = join(copy.path, 'database.url')
  if (existsSync(remembered)) {
    const url = new URL(readFileSync(remembered, 'utf8'))
    const name = `copy_${randomBytes(8).toString('hex')}`
    await askDatabase(
      process.env[testServerVariable] ?? '',
      `CREATE DATABASE ${name} TEMPLATE ${url.pathname.slice(1)}`,
    )
    url.pathname = `/${name}`
    writeFileSync(remembered, url.href)
  }
  return copy
}

/** What an audit of the store finds, by the seed that its service has. */
export async function auditStore(folder: string): Promise<readonly Finding[]> {
  const remembered = join(folder, 'database.url')
  const { findings } = await auditData(
    existsSync(remembered)
      ? { store: readFileSync(remembered, 'utf8'), seedFile: join(folder, 'shared.seed') }
      : { folder },
  )
  return findings
}

/** Makes the guard of one store that of another, whose logs it then remembers otherwise. */
export async function copyGuard(from: string, to: string): Promise<void> {
  const remembered = join(from, 'database.url')
  if (!existsSync(remembered)) {
    for (const suffix of ['', '-wal', '-shm']) {
      rmSync(join(to, `guard.db${suffix}`), { force: true })
      if (existsSync(join(from, `guard.db${suffix}`))) {
        cpSync(join(from, `guard.db${suffix}`), join(to, `guard.db${suffix}`))
      }
    }
    return
  }
  const [row] = await askDatabase(
    readFileSync(remembered, 'utf8'),
    "SELECT size, encode(edge, 'hex') AS edge FROM indelible_guard.guard WHERE tenant = 'default'",
  )
  const { size, edge } = row as { size: string; edge: string } // of the columns above
  await askDatabase(
    readFileSync(join(to, 'database.url'), 'utf8'),
    `UPDATE indelible_guard.guard SET size = ${size}, edge = decode('${edge}', 'hex')
       WHERE tenant = 'default'`,
  )
}
