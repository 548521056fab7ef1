import { DatabaseSync } from 'node:sqlite'

/**
 * Holds a data folder for one writing process. The lock is the operating system's on an SQLite
 * file: it ends with the process, however that ends.
 * @throws Error with a sentence for the operator when another process holds it
 */
export function lockFolder(folder: string, lockPath: string): Disposable {
  const database = new DatabaseSync(lockPath, { timeout: 0 })
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined
    if (code !== 5) throw error
    throw new FolderInUseError(folder)
  }
  return { [Symbol.dispose]: () => database.close() }
}

/** Another process writes to the data folder. */
export class FolderInUseError extends Error {
  constructor(folder: string) {
    super(
      `Another Indelible process is writing to ${folder}. One data folder has one writer: stop ` +
        'that process, or give this one a folder of its own (INDELIBLE_DATA).',
    )
    this.name = 'FolderInUseError'
  }
}
