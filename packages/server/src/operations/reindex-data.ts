import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../base/clock.ts'
import { syncPath, writeDurably } from '../base/durable-files.ts'
import { createFactReader } from '../query/facts.ts'
import {
  createFolder,
  folderPaths,
  listIndexFiles,
  readIndexPath,
  removeDatabase,
} from '../store/sqlite/folder.ts'
import { openIndex } from '../store/sqlite/index-file.ts'
import { createIndexer } from '../store/sqlite/indexer.ts'
import { FolderInUseError, lockFolder } from '../store/sqlite/lock.ts'
import { openDatabase } from '../store/sqlite/open.ts'
import { assertLogSchema, readInstanceId } from '../store/sqlite/schema.ts'
import type { OperationOptions } from './operation-options.ts'
import { tellOutages } from './outage.ts'
import type { FolderAddress, StoreAddress } from './store-address.ts'

export interface ReindexReport {
  readonly entries: number
  /** Name of the index: a file, or the database's index. */
  readonly index: string
  /** Of a database: entries whose index entries were wrong. A folder's index is all new. */
  readonly corrected?: number
}

/**
 * Makes the search index anew, beside a running service.
 * @throws Error with a sentence for the operator, or the signal's reason
 */
export async function reindexData(
  options: OperationOptions & StoreAddress & { readonly seedFile?: string },
): Promise<ReindexReport> {
  if ('folder' in options) return reindexFolder(options)
  return tellOutages([options], async () => {
    // Loaded here, so that who has no database does without its driver.
    const { reindexDatabase } = await import('./reindex-database.ts')
    return reindexDatabase({ ...options, address: options })
  })
}

/**
 * Builds the index anew from log.db and puts it in place of the one in use. A running service
 * goes on with the old one meanwhile, and follows within about a second (threads/indexer.ts). A
 * crash leaves the old index in use and, perhaps, a file that the next reindex removes.
 */
async function reindexFolder(options: OperationOptions & FolderAddress): Promise<ReindexReport> {
  const { folder, onProgress, signal } = options
  const paths = folderPaths(folder)
  if (!existsSync(paths.log)) throw new Error(`There is no log.db in ${folder}.`)
  createFolder(folder)
  const name = `index-${systemClock().toString(36)}.db`
  const path = join(folder, name)
  const log = openDatabase({ path: paths.log, synchronous: 'FULL', readOnly: true, cacheKib: 4096 })
  try {
    assertLogSchema(log)
    const index = openIndex(path, readInstanceId(log))
    let entries = 0
    try {
      const indexer = createIndexer({ log, index, readFacts: createFactReader().readFacts })
      const newest = log.prepare('SELECT coalesce(max(seq), 0) AS seq FROM entry')
      for (let count = indexer.step(); count > 0; count = indexer.step()) {
        signal?.throwIfAborted()
        entries += count
        onProgress?.({ done: indexer.watermark, total: Number(newest.get()?.seq) })
        await new Promise((resolve) => setImmediate(resolve))
      }
    } finally {
      index.close()
    }
    syncPath(path)
    writeDurably(paths.indexPointer, `${name}\n`)
    removeOthers(folder, path)
    return { entries, index: name }
  } catch (error) {
    // What failed behind the swap, as a sync does, leaves an index that is in use.
    if (readIndexPath(paths) !== path) removeDatabase(path)
    throw error
  } finally {
    log.close()
  }
}

/** Removes every other index file, unless a service runs: it removes the one it had in use. */
function removeOthers(folder: string, inUse: string): void {
  try {
    using _ = lockFolder(folder, folderPaths(folder).lock)
    for (const path of listIndexFiles(folder)) if (path !== inUse) removeDatabase(path)
  } catch (error) {
    if (!(error instanceof FolderInUseError)) throw error
  }
}
