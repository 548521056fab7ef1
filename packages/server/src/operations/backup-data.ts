import { existsSync } from 'node:fs'
import { backup, type DatabaseSync } from 'node:sqlite'
import { assertWhole } from '../store/move.ts'
import { folderPaths } from '../store/sqlite/folder.ts'
import { readMove } from '../store/sqlite/move.ts'
import { openDatabase } from '../store/sqlite/open.ts'
import { assertLogSchema } from '../store/sqlite/schema.ts'
import { createTarget, finishBackup } from './backup-files.ts'
import { type BackupManifest, backupPaths } from './manifest.ts'
import type { OperationOptions } from './operation-options.ts'
import { tellOutages } from './outage.ts'
import type { StoreAddress } from './store-address.ts'

/** Pages copied between two looks at the signal: 16 MiB. */
const pagesPerStep = 4096

/**
 * Backs up a data folder or a database while the service runs.
 * @param options.target a folder that is new or empty
 * @throws Error with a sentence for the operator
 */
export async function backupData(
  options: OperationOptions &
    StoreAddress & {
      readonly target: string
      readonly includeSeed?: boolean
      /** Where the seed is, if not in the folder. */
      readonly seedFile?: string
    },
): Promise<BackupManifest> {
  if ('folder' in options) return backupFolder(options)
  return tellOutages([options], async () => {
    // Loaded here, so that who has no database does without its driver.
    const { backupDatabase } = await import('./backup-database.ts')
    return backupDatabase({ ...options, address: options })
  })
}

/**
 * Copies log.db while the service runs: the state of one moment, whatever is appended meanwhile.
 * Neither guard nor index is copied: the guard must remember more than any copy, the index can be
 * rebuilt. The seed is key material: it is left out unless asked for, and then must be guarded
 * like one.
 *
 * `VACUUM INTO` takes as long (0.5 s for 160 MB), can't be stopped and doesn't tell how far it is.
 */
async function backupFolder(
  options: OperationOptions & {
    readonly folder: string
    readonly target: string
    readonly includeSeed?: boolean
    readonly seedFile?: string
  },
): Promise<BackupManifest> {
  const { folder, target, includeSeed = false, signal } = options
  const source = folderPaths(folder)
  if (!existsSync(source.log)) throw new Error(`There is no log.db in ${folder}.`)
  createTarget(target)
  const log = openDatabase({
    path: source.log,
    synchronous: 'FULL',
    readOnly: true,
    cacheKib: 8192,
  })
  try {
    assertLogSchema(log)
    assertWhole(readMove(log))
    await copyDatabase(log, backupPaths(target).log, options)
    // A copy of one step shows no progress, and so never looked.
    signal?.throwIfAborted()
    return await finishBackup(target, includeSeed ? (options.seedFile ?? source.seed) : undefined)
  } finally {
    log.close()
  }
}

/**
 * The copy is taken within one read transaction: without it, SQLite begins anew whenever the
 * service commits, and under load never ends. Until it is over, the service's WAL grows.
 */
async function copyDatabase(
  log: DatabaseSync,
  path: string,
  { onProgress, signal }: OperationOptions,
): Promise<void> {
  log.exec('BEGIN')
  try {
    log.prepare('SELECT 1 FROM log').get() // the snapshot begins with the first read
    await backup(log, path, {
      rate: pagesPerStep,
      progress: ({ totalPages, remainingPages }) => {
        signal?.throwIfAborted()
        onProgress?.({ done: totalPages - remainingPages, total: totalPages })
      },
    })
  } finally {
    log.exec('COMMIT')
  }
}
