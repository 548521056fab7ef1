import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Where everything of a data folder lies. */
export interface FolderPaths {
  readonly folder: string
  readonly log: string
  /** Names the index file in use, so that a rebuilt one can take its place in one rename. */
  readonly indexPointer: string
  readonly guard: string
  readonly lock: string
  readonly seed: string
}

export function folderPaths(folder: string): FolderPaths {
  return {
    folder,
    log: join(folder, 'log.db'),
    indexPointer: join(folder, 'index.current'),
    guard: join(folder, 'guard.db'),
    lock: join(folder, 'writer.lock'),
    seed: join(folder, 'seed'),
  }
}

/** Makes the folder (mode 0700) if it is not there. */
export function createFolder(folder: string): void {
  if (!existsSync(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (!statSync(folder).isDirectory()) throw new Error(`${folder} is not a folder.`)
}

/** Path of the index file in use; `index.db` where nothing was ever rebuilt. */
export function readIndexPath({ folder, indexPointer }: FolderPaths): string {
  if (!existsSync(indexPointer)) return join(folder, 'index.db')
  const name = readFileSync(indexPointer, 'utf8').trim()
  if (!/^index(-[0-9a-z-]{1,40})?\.db$/.test(name)) {
    throw new Error(`${indexPointer} names no index file. Delete it and run "indelible reindex".`)
  }
  return join(folder, name)
}
