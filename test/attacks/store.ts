import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { askDatabase, tamper } from '@indelible/testkit'

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
