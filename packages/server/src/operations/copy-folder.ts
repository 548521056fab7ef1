import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { createFactReader } from '../query/facts.ts'
import { createAppendStore } from '../store/sqlite/append-store.ts'
import { createAuditStore } from '../store/sqlite/audit-store.ts'
import { createFolder, folderPaths, readIndexPath, removeDatabase } from '../store/sqlite/folder.ts'
import { openGuard, readGuardStates } from '../store/sqlite/guard.ts'
import { openIndex, readIndexState } from '../store/sqlite/index-file.ts'
import { createIndexer, isIndexOf } from '../store/sqlite/indexer.ts'
import { lockFolder } from '../store/sqlite/lock.ts'
import { readMove, writeMove } from '../store/sqlite/move.ts'
import { openDatabase } from '../store/sqlite/open.ts'
import { createAdminStore } from '../store/sqlite/prove-store.ts'
import { createReadStore } from '../store/sqlite/read-store.ts'
import {
  assertLogSchema,
  migrateLog,
  readInstanceId,
  writeInstanceId,
} from '../store/sqlite/schema.ts'
import type { CopySource, CopyTarget } from './copied-store.ts'

/** How long a busy writer may keep us from its turn, and how often we ask. */
const freezeWaitMsMax = 60_000
const freezeRetryMs = 1

/** A data folder to copy from, beside the service that may be running on it. */
export function openFolderSource(folder: string): CopySource {
  const paths = folderPaths(resolve(folder))
  if (!existsSync(paths.log)) throw new Error(`There is no log.db in ${folder}.`)
  const log = openDatabase({ path: paths.log, synchronous: 'FULL', readOnly: true, cacheKib: 8192 })
  try {
    assertLogSchema(log)
    return {
      name: paths.folder,
      instance: { id: readInstanceId(log), originHost: undefined },
      reading: createReadStore({ log, index: () => log }),
      audit: createAuditStore({ log }),
      admin: createAdminStore({ log }),
      listGuard: async () => (existsSync(paths.guard) ? readGuardStates(paths.guard) : []),
      readMove: async () => readMove(log),
      freeze: (work) => freezeFolder(paths.log, work),
      [Symbol.asyncDispose]: async () => log.close(),
    }
  } catch (error) {
    log.close()
    throw error
  }
}

/**
 * `BEGIN IMMEDIATE` takes the writer's lock: the service's next transaction waits, and after ten
 * seconds is told that the store is busy (503). A crash before COMMIT leaves the folder as it was.
 */
async function freezeFolder(
  path: string,
  work: Parameters<CopySource['freeze']>[0],
): Promise<void> {
  const log = openDatabase({ path, synchronous: 'FULL', cacheKib: 1024 })
  try {
    log.exec('PRAGMA busy_timeout = 0')
    await beginImmediate(log)
    writeMove(log, await work())
    log.exec('COMMIT')
  } finally {
    if (log.isTransaction) log.exec('ROLLBACK')
    log.close()
  }
}

/** SQLite's own waiting sleeps up to 100 ms at a time, and a busy service is idle for less. */
async function beginImmediate(log: ReturnType<typeof openDatabase>): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += freezeRetryMs) {
    try {
      log.exec('BEGIN IMMEDIATE')
      return
    } catch (error) {
      const isBusy = error instanceof Error && 'errcode' in error && error.errcode === 5
      if (!isBusy || waitedMs >= freezeWaitMsMax) throw error
      await setTimeout(freezeRetryMs)
    }
  }
}

/**
 * A data folder to copy into, new or of an earlier move; held as a service holds it.
 * @throws FolderInUseError where a service runs on it
 */
export function openFolderTarget(folder: string): CopyTarget {
  const paths = folderPaths(resolve(folder))
  createFolder(paths.folder)
  using cleanup = new DisposableStack()
  cleanup.use(lockFolder(paths.folder, paths.lock))
  const log = openDatabase({ path: paths.log, synchronous: 'FULL', cacheKib: 64 * 1024 })
  cleanup.defer(() => log.close())
  log.exec('PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864')
  migrateLog(log)
  const guard = cleanup.use(openGuard(paths.guard))
  let indexer: ReturnType<typeof openIndexer> | undefined
  const opened = cleanup.move()
  opened.defer(() => indexer?.close())
  const change = (work: () => void): void => {
    log.exec('BEGIN IMMEDIATE')
    try {
      work()
      log.exec('COMMIT')
    } finally {
      if (log.isTransaction) log.exec('ROLLBACK')
    }
  }
  return {
    name: paths.folder,
    reading: createReadStore({ log, index: () => log }),
    audit: createAuditStore({ log }),
    admin: createAdminStore({ log }),
    append: createAppendStore({ database: log }),
    guard,
    readInstance: async () => ({ id: readInstanceId(log), originHost: undefined }),
    readMove: async () => readMove(log),
    begin: async ({ id }, move) =>
      change(() => {
        writeInstanceId(log, id)
        writeMove(log, move)
      }),
    finish: async () => change(() => writeMove(log, undefined)),
    async catchUp(signal) {
      indexer ??= openIndexer(log, readIndexPath(paths))
      while (indexer.step() > 0) {
        signal?.throwIfAborted()
        await new Promise((done) => setImmediate(done))
      }
    },
    [Symbol.asyncDispose]: async () => opened.dispose(),
  }
}

/** The index is derived: one that does not fit the log is made anew. */
function openIndexer(log: ReturnType<typeof openDatabase>, path: string) {
  const instance = readInstanceId(log)
  let index = openIndex(path, instance)
  const state = readIndexState(index)
  if (state === undefined || !isIndexOf(log, instance, state)) {
    index.close()
    removeDatabase(path)
    index = openIndex(path, instance)
  }
  const indexer = createIndexer({ log, index, readFacts: createFactReader().readFacts })
  return { step: () => indexer.step(), close: () => index.close() }
}
