import { existsSync } from 'node:fs'
import { folderPaths } from '../store/sqlite/folder.ts'
import { lockFolder } from '../store/sqlite/lock.ts'
import { openDatabase as openFile } from '../store/sqlite/open.ts'
import { migrateLog, readSchemaState } from '../store/sqlite/schema.ts'
import { tellOutages } from './outage.ts'
import { type DatabaseAddress, nameStore, type StoreAddress } from './store-address.ts'

/** How far a store's schema is. */
export interface MigrationReport {
  readonly store: string
  /** Steps that the store had; 0 for a new one. */
  readonly found: number
  /** Steps that this program knows; fewer than `found` where a newer one made changes since. */
  readonly known: number
}

/**
 * Brings a store's schema to this program's, as a service does when it starts; or only says how
 * far it is. Of nodes and commands that start at once, one does it and the others wait.
 * @throws Error where a newer version made a change that this one can't work with
 */
export async function migrateData(
  options: StoreAddress & { readonly checkOnly?: boolean },
): Promise<MigrationReport> {
  const { checkOnly = false } = options
  if ('folder' in options) return migrateFolder(options.folder, checkOnly)
  return tellOutages([options], () => migrateDatabase(options, checkOnly))
}

function migrateFolder(folder: string, checkOnly: boolean): MigrationReport {
  const paths = folderPaths(folder)
  if (!existsSync(paths.log)) throw new Error(`There is no log.db in ${folder}.`)
  // A service that runs has done it; one that is older must not lose the ground under its feet.
  using _ = checkOnly ? undefined : lockFolder(folder, paths.lock)
  const options = { path: paths.log, synchronous: 'FULL', cacheKib: 1024 } as const
  const log = openFile({ ...options, readOnly: checkOnly })
  try {
    const state = readSchemaState(log)
    if (!checkOnly) migrateLog(log)
    return { store: nameStore({ folder }), ...state }
  } finally {
    log.close()
  }
}

async function migrateDatabase(
  address: DatabaseAddress,
  checkOnly: boolean,
): Promise<MigrationReport> {
  // Loaded here, so that who has no database does without its driver.
  const { openDatabase } = await import('./database.ts')
  const { openGuard } = await import('../store/postgres/guard.ts')
  const { assertServer } = await import('../store/postgres/open.ts')
  const { migrateStore, readSchemaState } = await import('../store/postgres/schema.ts')
  await using database = await openDatabase(address, { name: 'indelible migrate', connections: 1 })
  const { pool, guardPool } = database
  await assertServer(pool)
  const state = checkOnly ? await readSchemaState(pool) : await migrateStore(pool)
  // The guard as well: nodes whose role may not create have no one else to make it.
  if (!checkOnly) await openGuard({ pool: guardPool })
  return { store: nameStore(address), ...state }
}
