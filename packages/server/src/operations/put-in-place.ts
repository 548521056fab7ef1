import { existsSync, linkSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../base/clock.ts'
import { syncPath } from '../base/durable-files.ts'
import { createAuditStore } from '../store/sqlite/audit-store.ts'
import { type FolderPaths, listIndexFiles, removeDatabase } from '../store/sqlite/folder.ts'
import { openDatabase } from '../store/sqlite/open.ts'
import { migrateLog, readInstanceId } from '../store/sqlite/schema.ts'
import type { LogHead, StoredCheckpoint } from '../store/store.ts'

/** What a data folder holds now, as far as it can be read. */
export interface FolderState {
  readonly heads: readonly LogHead[]
  readonly checkpoints: readonly StoredCheckpoint[]
}

/**
 * Logs of the log.db that is about to be replaced; undefined where there is none or it is damaged.
 * @throws Error where it is another instance's: that is the wrong folder
 */
export async function readFolderState(
  paths: FolderPaths,
  instance: string,
): Promise<FolderState | undefined> {
  if (!existsSync(paths.log)) return undefined
  let found: string
  let state: FolderState
  try {
    const log = openDatabase({ path: paths.log, synchronous: 'FULL', cacheKib: 1024 })
    try {
      migrateLog(log)
      found = readInstanceId(log)
      state = await createAuditStore({ log }).readSnapshot()
    } finally {
      log.close()
    }
  } catch {
    return undefined
  }
  if (found === instance) return state
  // A start on the empty folder made a log.db without any log: nothing is lost with it.
  if (state.heads.every(({ size }) => size === 0)) return undefined
  throw new Error(`${paths.folder} holds the data of another instance than the backup's.`)
}

/**
 * Puts a prepared log.db in place of the one in the folder, which is set aside under another name
 * first. The index is removed: it may speak of entries that are now another log's. A crash before
 * the rename leaves the old log.db; where it was damaged, perhaps without its WAL, which is in the
 * folder set aside.
 * @returns the folder with what was there before; undefined where nothing was
 */
export function putInPlace(prepared: string, paths: FolderPaths): string | undefined {
  const replaced = setAside(paths)
  for (const path of listIndexFiles(paths.folder)) removeDatabase(path)
  rmSync(paths.indexPointer, { force: true })
  // A WAL of another database would be replayed into this one.
  rmSync(`${paths.log}-wal`, { force: true })
  rmSync(`${paths.log}-shm`, { force: true })
  syncPath(paths.folder)
  renameSync(prepared, paths.log)
  syncPath(paths.folder)
  return replaced
}

function setAside({ folder, log }: FolderPaths): string | undefined {
  if (!existsSync(log)) return undefined
  const aside = join(folder, `replaced-${systemClock().toString(36)}`)
  mkdirSync(aside, { mode: 0o700 })
  for (const suffix of ['', '-wal']) {
    if (existsSync(log + suffix)) linkSync(log + suffix, join(aside, `log.db${suffix}`))
  }
  syncPath(aside)
  return aside
}
