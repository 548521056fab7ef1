import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type pg from 'pg'
import { inTransaction } from './transaction.ts'

/** Any number that nobody else in this database uses: instances that start at once wait for one. */
const lock = 760_243_911
const folder = join(import.meta.dirname, '../../migrations')

/** Brings the tables up to date: all of the files that were not run yet, in order, or none. */
export async function migrate(pool: pg.Pool): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort()
  await inTransaction(pool, async (transaction) => {
    await transaction.query('SELECT pg_advisory_xact_lock($1)', [lock])
    await transaction.query(`
      CREATE TABLE IF NOT EXISTS user_profiles_migrations (
        name       text PRIMARY KEY,
        applied_at timestamptz NOT NULL DEFAULT now()
      )`)
    const { rows } = await transaction.query<{ name: string }>(
      'SELECT name FROM user_profiles_migrations',
    )
    const applied = new Set(rows.map(({ name }) => name))
    for (const name of names.filter((name) => !applied.has(name))) {
      await transaction.query(await readFile(join(folder, name), 'utf8'))
      await transaction.query('INSERT INTO user_profiles_migrations (name) VALUES ($1)', [name])
    }
  })
}
