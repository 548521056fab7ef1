import { setTimeout } from 'node:timers/promises'
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { createFactReader } from '../query/facts.ts'
import { folderPaths, readIndexPath, removeDatabase } from '../store/sqlite/folder.ts'
import { openIndex, readIndexState } from '../store/sqlite/index-file.ts'
import { createIndexer, isIndexOf } from '../store/sqlite/indexer.ts'
import { openDatabase } from '../store/sqlite/open.ts'
import { readInstanceId } from '../store/sqlite/schema.ts'
import { notify, serveCalls } from './port.ts'
import type { WorkerData } from './stores.ts'

/** What the indexer tells the main thread. */
export interface IndexNotice {
  /** Entries indexed since the last notice. */
  readonly indexed: number
}

export type IndexerCalls = {
  /** Opens the index. @returns how many entries it has yet to index */
  start(): Promise<{ behind: number }>
  /** There is something new in the log. */
  wake(): Promise<void>
  close(): Promise<void>
}

/**
 * A step this small waits a little for more: every transaction of FTS5 has a cost of its own, and
 * a search sees the short tail all the same.
 */
const smallStepEntries = 1_000
const gatherMs = 100

/** How often an idle indexer looks whether a rebuilt index was put in place. */
const pointerCheckMs = 500

if (parentPort !== null) {
  const { place } = workerData as WorkerData // set by start-threads.ts
  if (!('folder' in place)) throw new Error('Only a data folder has an index of its own.')
  serveCalls(parentPort, createIndexerThread(place.folder, parentPort))
}

function createIndexerThread(folder: string, port: MessagePort): IndexerCalls {
  const paths = folderPaths(folder)
  const log = openDatabase({ path: paths.log, synchronous: 'FULL', readOnly: true, cacheKib: 1024 })
  const instance = readInstanceId(log)
  let path = ''
  let index: ReturnType<typeof openIndex> | undefined
  let indexer: ReturnType<typeof createIndexer> | undefined
  /** The run under way: whoever wakes the indexer meanwhile waits for its end. */
  let running: Promise<void> | undefined
  let isClosed = false

  const open = (): void => {
    index?.close()
    index = undefined
    const at = readIndexPath(paths)
    if (!openFitting(at)) {
      // Derived, so in doubt it is made anew.
      removeDatabase(at)
      index = openIndex(at, instance)
      indexer = follow(index)
    }
    path = at
  }

  /** The facts are read anew: what is remembered of them is tokens, of one index's secret. */
  const follow = (opened: ReturnType<typeof openIndex>) =>
    createIndexer({ log, index: opened, readFacts: createFactReader().readFacts })

  /** @returns false where the index at a path is damaged, in part or whole, or of another log */
  const openFitting = (at: string): boolean => {
    let opened: ReturnType<typeof openIndex> | undefined
    try {
      opened = openIndex(at, instance)
      const state = readIndexState(opened)
      if (state !== undefined && isIndexOf(log, instance, state)) {
        indexer = follow(opened)
        index = opened
        return true
      }
    } catch {
      // Not a database, or a broken one: falls through to being made anew.
    }
    opened?.close()
    return false
  }

  const run = (): Promise<void> => {
    running ??= catchUp().finally(() => {
      running = undefined
    })
    return running
  }

  const catchUp = async (): Promise<void> => {
    while (!isClosed && indexer !== undefined) {
      followPointer()
      const count = indexer.step()
      if (count === 0) break
      notify(port, { indexed: count } satisfies IndexNotice)
      await setTimeout(count < smallStepEntries ? gatherMs : 0)
    }
  }

  /** `indelible reindex` put another file in place: go on with that one, and drop the old one. */
  const followPointer = (): void => {
    if (readIndexPath(paths) === path) return
    const [old, reached] = [path, indexer?.watermark ?? 0]
    open()
    removeDatabase(old)
    // The rebuilt one can be behind: what it lacks was counted as indexed already.
    const ahead = (indexer?.watermark ?? 0) - reached
    if (ahead !== 0) notify(port, { indexed: ahead } satisfies IndexNotice)
  }
  /** A fault stays until it is mended: the next `wake`, which is awaited, tells of it. */
  const leaveToWake = (): void => undefined
  const timer = setInterval(() => void run().catch(leaveToWake), pointerCheckMs)
  timer.unref()

  return {
    async start() {
      open()
      const newest = log.prepare('SELECT coalesce(max(seq), 0) AS seq FROM entry').get()
      const behind = Number(newest?.seq) - (indexer?.watermark ?? 0)
      void run().catch(leaveToWake)
      return { behind }
    },
    async wake() {
      await run()
    },
    async close() {
      isClosed = true
      clearInterval(timer)
      await running?.catch(leaveToWake)
      index?.close()
      log.close()
    },
  }
}
