import { copyFileSync, readdirSync } from 'node:fs'
import { formatTime, systemClock } from '../base/clock.ts'
import { syncPath, writeDurably } from '../base/durable-files.ts'
import { createFolder } from '../store/sqlite/folder.ts'
import { openDatabase } from '../store/sqlite/open.ts'
import { type BackupManifest, backupPaths, describeLogs } from './manifest.ts'

/** @throws Error where there is anything in it */
export function createTarget(target: string): void {
  createFolder(target)
  if (readdirSync(target).length === 0) return
  throw new Error(`${target} is not empty. A backup goes into a new folder.`)
}

/**
 * Makes a backup of a folder whose log.db is there; the manifest is written last, so a crash leaves
 * a folder that is no backup.
 * @param seedFile to be included; undefined where it is not
 */
export async function finishBackup(
  target: string,
  seedFile: string | undefined,
): Promise<BackupManifest> {
  const paths = backupPaths(target)
  const manifest = await describeBackup(paths.log)
  syncPath(paths.log)
  if (seedFile !== undefined) {
    copyFileSync(seedFile, paths.seed)
    syncPath(paths.seed)
  }
  syncPath(target)
  writeDurably(paths.manifest, `${JSON.stringify(manifest, null, 2)}\n`)
  return manifest
}

/** Reads the copy, not the original: the manifest must say what is in the backup. */
async function describeBackup(path: string): Promise<BackupManifest> {
  const copy = openDatabase({ path, synchronous: 'FULL', cacheKib: 1024 })
  try {
    const { format, instance, logs } = await describeLogs(copy)
    return { format, instance, created: formatTime(systemClock()), logs }
  } finally {
    copy.close()
  }
}
