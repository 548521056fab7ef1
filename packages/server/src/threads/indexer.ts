import { rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { readFacts } from '../query/facts.ts'
import { folderPaths, readIndexPath } from '../store/sqlite/folder.ts'
import { openIndex, readIndexState } from '../store/sqlite/index-file.ts'
import { createIndexer, isIndexOf } from '../store/sqlite/indexer.ts'
import { openDatabase } from '../store/sqlite/open.ts'
import { readInstanceId } from '../store/sqlite/schema.ts'
import { notify, serveCalls } from './port.ts'
import type { FolderWorkerData } from './writer.ts'

/** What the indexer tells the main thread. */
export interface IndexNotice {
  /** Entries indexed since the last notice. */
  readonly indexed: number
}

export type IndexerCalls = {
  /** Opens the index. @returns how many entries it has yet to index */
  start(): Promise<{ behind: number; rebuilt: boolean }>
  /** There is something new in the log. */
  wake(): Promise<void>
  close(): Promise<void>
}

if (parentPort !== null) {
  const { folder } = workerData as FolderWorkerData // set by start-threads.ts
  serveCalls(parentPort, createIndexerThread(folder, parentPort))
}

function createIndexerThread(folder: string, port: MessagePort): IndexerCalls {
  const paths = folderPaths(folder)
  const log = openDatabase({ path: paths.log, synchronous: 'FULL', readOnly: true, cacheKib: 4096 })
  const instance = readInstanceId(log)
  let path = ''
  let index: ReturnType<typeof openIndex> | undefined
  let indexer: ReturnType<typeof createIndexer> | undefined
  let isRunning = false
  let isClosed = false

  const open = (): boolean => {
    index?.close()
    path = readIndexPath(paths)
    index = openIndex(path, instance)
    const state = readIndexState(index)
    const fits = state !== undefined && isIndexOf(log, instance, state)
    if (!fits) {
      // Derived, so in doubt it is made anew.
      index.close()
      removeIndex(path)
      index = openIndex(path, instance)
    }
    indexer = createIndexer({ log, index, readFacts })
    return !fits
  }

  const run = async (): Promise<void> => {
    if (isRunning || indexer === undefined) return
    isRunning = true
    while (!isClosed) {
      followPointer()
      const count = indexer.step()
      if (count === 0) break
      notify(port, { indexed: count } satisfies IndexNotice)
      await new Promise((resolve) => setImmediate(resolve))
    }
    isRunning = false
  }

  /** `indelible reindex` put another file in place: go on with that one, and drop the old one. */
  const followPointer = (): void => {
    if (readIndexPath(paths) === path) return
    const old = path
    open()
    removeIndex(old)
  }

  return {
    async start() {
      const rebuilt = open()
      const newest = log.prepare('SELECT coalesce(max(seq), 0) AS seq FROM entry').get()
      const behind = Number(newest?.seq) - (indexer?.watermark ?? 0)
      void run()
      return { behind, rebuilt }
    },
    async wake() {
      await run()
    },
    async close() {
      isClosed = true
      index?.close()
      log.close()
    },
  }
}

/** Removes an index file with its WAL; readers that still hold it keep reading their handle. */
function removeIndex(path: string): void {
  for (const suffix of ['', '-wal', '-shm']) {
    rmSync(join(path, '..', basename(path) + suffix), { force: true })
  }
}
