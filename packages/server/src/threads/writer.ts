import { randomFillSync } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import type { Growth } from '../ledger/commit-group.ts'
import { createKeyring } from '../ledger/keyring.ts'
import { createSequencer } from '../ledger/sequencer.ts'
import { createAppendStore } from '../store/sqlite/append-store.ts'
import { toRefusal } from '../store/sqlite/failure.ts'
import { folderPaths } from '../store/sqlite/folder.ts'
import { openDatabase } from '../store/sqlite/open.ts'
import type { AdminChange, StoredCheckpoint } from '../store/store.ts'
import {
  decodeAppend,
  type EncodedAppend,
  type EncodedOutcomes,
  encodeOutcomes,
} from './append-codec.ts'
import { serveCalls } from './port.ts'

/** What every worker of a data folder is started with. */
export interface FolderWorkerData {
  readonly folder: string
  readonly seed: Uint8Array
  readonly originHost: string
}

/** What the writer thread serves. */
export type WriterCalls = {
  append(requests: EncodedAppend): Promise<{ outcomes: EncodedOutcomes; grown: Growth[] }>
  saveCheckpoints(checkpoints: readonly StoredCheckpoint[]): Promise<void>
  /** Administration without a record in `_system`: last-used times. */
  touch(changes: readonly AdminChange[]): Promise<void>
  close(): Promise<void>
}

if (parentPort !== null) {
  const { folder, seed, originHost } = workerData as FolderWorkerData // set by start-threads.ts
  serveCalls(parentPort, createWriter({ folder, seed, originHost }))
}

/**
 * The one owner of log.db. Calls are queued: one transaction at a time. After a failure whose
 * outcome is in doubt (I/O, corruption, a bug) it commits nothing more; a restart recovers.
 */
export function createWriter({ folder, seed, originHost }: FolderWorkerData): WriterCalls {
  const database = openDatabase({
    path: folderPaths(folder).log,
    synchronous: 'FULL',
    cacheKib: 8 * 1024,
  })
  database.exec('PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864')
  const store = createAppendStore({ database })
  const sequencer = createSequencer({
    store,
    keyring: createKeyring({ seed, originHost }),
    clock: systemClock,
    fillRandom: (buffer) => void randomFillSync(buffer),
  })
  let last: Promise<unknown> = Promise.resolve()
  let stopped: Refusal | undefined

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const run = last.then(async () => {
      if (stopped !== undefined) throw stopped
      try {
        return await work()
      } catch (error) {
        throw classify(error)
      }
    })
    last = run.catch(() => undefined)
    return run
  }
  const classify = (error: unknown): unknown => {
    if (error instanceof Refusal) return error
    const refusal = toRefusal(error)
    if (refusal !== undefined) return refusal
    stopped = new Refusal('ledger-stopped', {
      detail:
        'The ledger stopped after a failure of its store. Nothing more is kept until restart.',
    })
    return error
  }

  return {
    append: (requests) =>
      inTurn(async () => {
        const { outcomes, grown } = await sequencer.append(decodeAppend(requests))
        return { outcomes: encodeOutcomes(outcomes), grown }
      }),
    saveCheckpoints: (checkpoints) =>
      inTurn(() =>
        store.transact(async (transaction) => {
          for (const checkpoint of checkpoints) await transaction.saveCheckpoint(checkpoint)
        }),
      ),
    touch: (changes) =>
      inTurn(() =>
        store.transact(async (transaction) => {
          for (const change of changes) {
            // What was removed meanwhile stays removed.
            const exists = await transaction.hasAdmin(change.kind, change.id)
            if (exists) await transaction.changeAdmin(change)
          }
        }),
      ),
    close: () =>
      inTurn(async () => {
        database.close()
        stopped = new Refusal('ledger-stopped', { detail: 'The service is shutting down.' })
      }),
  }
}
