import { copyFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { syncPath, writeDurably } from '../base/durable-files.ts'
import { readSeedIfAny } from '../config/seed.ts'
import {
  createFolder,
  type FolderPaths,
  folderPaths,
  removeDatabase,
} from '../store/sqlite/folder.ts'
import { openGuard } from '../store/sqlite/guard.ts'
import { lockFolder } from '../store/sqlite/lock.ts'
import { openDatabase } from '../store/sqlite/open.ts'
import { createReadStore } from '../store/sqlite/read-store.ts'
import { migrateLog, readInstanceId } from '../store/sqlite/schema.ts'
import type { LogHead } from '../store/store.ts'
import { readGuard } from './audit-data.ts'
import { continueLogs } from './continue-logs.ts'
import { backupPaths, readManifest } from './manifest.ts'
import { tellOutages } from './outage.ts'
import { putInPlace, readFolderState } from './put-in-place.ts'
import {
  assertNotBehind,
  auditCopy,
  type RestoreReport,
  type RestoreSettings,
  restoredNote,
  stateOf,
} from './restore-checks.ts'
import type { FolderAddress, StoreAddress } from './store-address.ts'

/**
 * A data folder to restore into may be new, or have a damaged or older log; a database must have
 * no logs.
 */
export type RestoreOptions = StoreAddress & RestoreSettings

/**
 * Puts a backup in place.
 * @throws Error with a sentence for the operator, FolderInUseError, DatabaseOutOfReachError
 */
export async function restoreData(options: RestoreOptions): Promise<RestoreReport> {
  if ('folder' in options) return restoreFolder(options)
  return tellOutages([options], async () => {
    // Loaded here, so that who has no database does without its driver.
    const { restoreDatabase } = await import('./restore-database.ts')
    return restoreDatabase({ ...options, address: options })
  })
}

/**
 * Puts a backup into a data folder, after auditing it against the folder's seed and guard. Takes
 * the folder as a service does. What was there before is set aside, not deleted. Everything is
 * prepared beside it, and one rename puts it in place: a crash leaves the old log or the new one.
 * @throws Error with a sentence for the operator, FolderInUseError; nothing was changed then
 */
async function restoreFolder(options: FolderAddress & RestoreSettings): Promise<RestoreReport> {
  const { backup, folder, newGeneration = false } = options
  const manifest = readManifest(backup)
  createFolder(folder)
  const paths = folderPaths(folder)
  using _ = lockFolder(folder, paths.lock)
  // 1 A copy beside the target, brought to this program's schema.
  const prepared = join(folder, `log.db.${process.pid}.restore`)
  removeDatabase(prepared)
  try {
    copyFileSync(backupPaths(backup).log, prepared)
    const heads = await migrateCopy(prepared, manifest.instance)
    // 2 The backup on its own, and against what this folder remembers.
    const guarded = existsSync(paths.guard) ? readGuard(paths.guard) : undefined
    const seed =
      readSeedIfAny(options.seedFile ?? paths.seed) ?? readSeedIfAny(join(backup, 'seed'))
    const audit = await auditCopy(prepared, guarded, seed, options)
    const present = await readFolderState(paths, manifest.instance)
    const missing = newGeneration
      ? []
      : assertNotBehind(heads, audit.findings, guarded, present, options)
    // 3 The new generation, in the copy.
    let { logs } = audit
    if (newGeneration) {
      const last = { heads, guarded: guarded ?? [], present, seed, instance: manifest.instance }
      logs = await continueLogs(prepared, last, options)
    }
    // 4 In place: seed, guard, log; each durable before the next.
    keepSeed(seed, paths, options)
    if (missing.length > 0) await adoptGuard(paths.guard, missing)
    syncPath(prepared)
    const replaced = putInPlace(prepared, paths)
    return { logs, newGeneration, replaced, notes: describeNotes(options, seed, replaced) }
  } finally {
    removeDatabase(prepared)
  }
}

async function migrateCopy(path: string, instance: string): Promise<LogHead[]> {
  const log = openDatabase({ path, synchronous: 'FULL', cacheKib: 1024 })
  try {
    migrateLog(log)
    if (readInstanceId(log) !== instance) {
      throw new Error('The backup holds another log.db than its manifest describes.')
    }
    return await createReadStore({ log, index: () => log }).listLogs()
  } finally {
    log.close()
  }
}

async function adoptGuard(path: string, heads: readonly LogHead[]): Promise<void> {
  using guard = openGuard(path)
  await guard.advance(heads.map((head) => ({ from: undefined, to: stateOf(head) })))
}

/** A seed that came with the backup goes where the service looks for it. */
function keepSeed(
  seed: Uint8Array | undefined,
  paths: FolderPaths,
  { seedFile }: RestoreSettings,
): void {
  if (seed === undefined || existsSync(seedFile ?? paths.seed)) return
  writeDurably(seedFile ?? paths.seed, seed, 0o600)
}

function describeNotes(
  { newGeneration = false }: RestoreSettings,
  seed: Uint8Array | undefined,
  replaced: string | undefined,
): string[] {
  return [
    restoredNote,
    ...(newGeneration
      ? [
          'Every log goes on under a new origin and a new key: give the new keys to whoever ' +
            'verifies. Old receipts verify with the old keys, as before.',
        ]
      : []),
    ...(seed === undefined ? ['The seed is not here; put it back before the service starts.'] : []),
    ...(replaced === undefined ? [] : [`What was in the folder before is in ${replaced}.`]),
  ]
}
