import { steadyClock } from '../base/clock.ts'
import { createAppendStore } from '../store/sqlite/append-store.ts'
import { toRefusal } from '../store/sqlite/failure.ts'
import { folderPaths, readIndexPath } from '../store/sqlite/folder.ts'
import { openGuard } from '../store/sqlite/guard.ts'
import { createIndexHandle } from '../store/sqlite/index-handle.ts'
import { createLogFigures } from '../store/sqlite/log-figures.ts'
import { openDatabase } from '../store/sqlite/open.ts'
import { createAdminStore, createProveStore } from '../store/sqlite/prove-store.ts'
import { createReadStore } from '../store/sqlite/read-store.ts'
import type { FolderPlace, ReadingStores, SigningStores, WritingStore } from './stores.ts'

/** A data folder as its readers see it: log.db and the index in use. */
export async function openForReading({ folder }: FolderPlace): Promise<ReadingStores> {
  const paths = folderPaths(folder)
  const log = openDatabase({ path: paths.log, synchronous: 'FULL', readOnly: true, cacheKib: 4096 })
  const index = createIndexHandle({ readPath: () => readIndexPath(paths), now: steadyClock })
  return {
    store: createReadStore({ log, index: index.current }),
    proofs: createProveStore({ log }),
    admin: createAdminStore({ log }),
    readLogFigures: createLogFigures({ log }),
    async close() {
      index.close()
      log.close()
    },
  }
}

/** The one owner of log.db. */
export async function openForWriting({ folder }: FolderPlace): Promise<WritingStore> {
  const database = openDatabase({
    path: folderPaths(folder).log,
    synchronous: 'FULL',
    cacheKib: 8 * 1024,
  })
  database.exec('PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864')
  return {
    store: createAppendStore({ database }),
    toRefusal,
    close: async () => database.close(),
  }
}

/** log.db to read back from, and guard.db. */
export async function openForSigning({ folder }: FolderPlace): Promise<SigningStores> {
  const paths = folderPaths(folder)
  const log = openDatabase({ path: paths.log, synchronous: 'FULL', readOnly: true, cacheKib: 1024 })
  const guard = openGuard(paths.guard)
  return {
    store: {
      ...createReadStore({ log, index: () => log }),
      readCheckpoint: createProveStore({ log }).readCheckpoint,
    },
    guard,
    // Whatever a folder can't be read for is for a person to see.
    toRefusal: () => undefined,
    async close() {
      guard[Symbol.dispose]()
      log.close()
    },
  }
}
