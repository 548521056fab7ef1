import { readOrCreateSeed } from '../config/seed.ts'
import { createKeyring, type Keyring } from '../ledger/keyring.ts'
import { assertNotMoving } from '../store/move.ts'
import { createFolder, folderPaths } from '../store/sqlite/folder.ts'
import { lockFolder } from '../store/sqlite/lock.ts'
import { readMove } from '../store/sqlite/move.ts'
import { openDatabase } from '../store/sqlite/open.ts'
import { migrateLog, readInstanceId } from '../store/sqlite/schema.ts'

/** A data folder, locked for this process, with its schema and seed in order. */
export interface OpenedFolder extends Disposable {
  readonly folder: string
  readonly seed: Uint8Array
  readonly originHost: string
  readonly instanceId: string
  readonly keyring: Keyring
}

/**
 * Takes a data folder for this process: lock, schema, seed. Everything that can be wrong with a
 * folder is found here, before anything is started.
 * @throws Error with a sentence for the operator
 */
export function openFolder(options: {
  readonly folder: string
  readonly seedFile?: string
  readonly originHost?: string
}): OpenedFolder {
  const { folder } = options
  const paths = folderPaths(folder)
  createFolder(folder)
  const lock = lockFolder(folder, paths.lock)
  try {
    const { instanceId, firstLog } = prepareLog(paths.log)
    const seed = readOrCreateSeed(options.seedFile ?? paths.seed, firstLog === undefined)
    const originHost = options.originHost ?? `indelible.invalid/${instanceId}`
    const keyring = createKeyring({ seed, originHost })
    if (firstLog !== undefined) assertSeedFits(keyring, firstLog)
    const dispose = () => lock[Symbol.dispose]()
    return { folder, seed, originHost, instanceId, keyring, [Symbol.dispose]: dispose }
  } catch (error) {
    lock[Symbol.dispose]()
    throw error
  }
}

interface FirstLog {
  readonly origin: string
  readonly generation: number
  readonly vkey: string
}

function prepareLog(path: string): { instanceId: string; firstLog: FirstLog | undefined } {
  const database = openDatabase({ path, synchronous: 'FULL', cacheKib: 1024 })
  try {
    migrateLog(database)
    assertNotMoving(readMove(database))
    // A commit that a killed process wrote and did not fsync is read back from the WAL like any
    // other. It is made durable here, before a repeat of its events can be acknowledged.
    database.exec('PRAGMA wal_checkpoint(PASSIVE)')
    const row = database.prepare('SELECT origin, generation, vkey FROM log LIMIT 1').get()
    // The columns of FirstLog, of a STRICT table.
    const firstLog = row as unknown as FirstLog | undefined
    return { instanceId: readInstanceId(database), firstLog }
  } finally {
    database.close()
  }
}

/** Keys derived from another seed would sign what nobody who pinned ours could verify. */
function assertSeedFits(keyring: Keyring, { origin, generation, vkey }: FirstLog): void {
  if (keyring.logSigner(origin, generation).vkey === vkey) return
  throw new Error(
    'The seed is not the one that the logs of this data folder were signed with. Put the right ' +
      'seed file back, or name it with INDELIBLE_SEED_FILE.',
  )
}
