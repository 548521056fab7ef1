import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { readdir, stat, statfs } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { syncPath } from '../../base/durable-files.ts'

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

/** Makes the folder (mode 0700) if it is not there. Whatever is made in it is for this user alone. */
export function createFolder(folder: string): void {
  process.umask(0o077)
  if (!existsSync(folder)) makeDurably(resolve(folder))
  if (!statSync(folder).isDirectory()) throw new Error(`${folder} is not a folder.`)
}

/** A new folder's name is fsynced at once: what is kept in it is no safer than the way to it. */
function makeDurably(folder: string): void {
  const first = mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (first === undefined) return
  for (let made = folder; made !== dirname(first); made = dirname(made)) syncPath(dirname(made))
}

/** The first index has no suffix, each rebuilt one has its own. */
const indexFile = /^index(-[0-9a-z-]{1,40})?\.db$/

/** Paths of all index files, in use or not. */
export function listIndexFiles(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => indexFile.test(name))
  return names.map((name) => join(folder, name))
}

/** Removes a database with its WAL; whoever still has it open goes on reading. */
export function removeDatabase(path: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true })
}

/** Path of the index file in use; `index.db` where nothing was ever rebuilt. */
export function readIndexPath({ folder, indexPointer }: FolderPaths): string {
  if (!existsSync(indexPointer)) return join(folder, 'index.db')
  const name = readFileSync(indexPointer, 'utf8').trim()
  if (!indexFile.test(name)) {
    throw new Error(`${indexPointer} names no index file. Delete it and run "indelible reindex".`)
  }
  return join(folder, name)
}

const databaseFile = /^(log|index|guard)(-[0-9a-z-]+)?\.db(-wal|-shm)?$/

/** Bytes of a folder's databases, each with what it has not written back yet; of indexes, of all. */
export async function readFolderBytes(folder: string) {
  const bytes = { log: 0, index: 0, guard: 0 }
  const add = async (name: string): Promise<void> => {
    const part = databaseFile.exec(name)?.[1] as keyof typeof bytes | undefined // as the pattern has it
    if (part === undefined) return
    // One may be replaced or removed meanwhile.
    const size = await stat(join(folder, name)).then(
      (found) => found.size,
      () => 0,
    )
    bytes[part] += size
  }
  await Promise.all((await readdir(folder)).map(add))
  return bytes
}

/** The file system that a folder lies on. */
export async function readFolderDisk(folder: string) {
  const { bsize, blocks, bavail } = await statfs(folder)
  return { sizeBytes: blocks * bsize, freeBytes: bavail * bsize }
}
