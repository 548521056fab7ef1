import { randomFillSync } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import type { CommittedGroup } from '../ledger/append-observer.ts'
import type { Growth } from '../ledger/commit-group.ts'
import type { Keyring } from '../ledger/keyring.ts'
import { createSequencer } from '../ledger/sequencer.ts'
import type { AdminChange, StoredCheckpoint } from '../store/store.ts'
import {
  decodeAppend,
  type EncodedAppend,
  type EncodedOutcomes,
  encodeOutcomes,
} from './append-codec.ts'
import { loadStores } from './open-stores.ts'
import { serveCalls } from './port.ts'
import type { ToRefusal, WorkerData, WritingStore } from './stores.ts'

/** A commit group that is durable. */
export interface WrittenGroup extends Pick<CommittedGroup, 'repeats' | 'startedMs' | 'durationMs'> {
  readonly outcomes: EncodedOutcomes
  readonly grown: Growth[]
}

/** What the writer thread serves. */
export type WriterCalls = {
  append(requests: EncodedAppend): Promise<WrittenGroup>
  saveCheckpoints(checkpoints: readonly StoredCheckpoint[]): Promise<void>
  /** Administration without a record in `_system`: last-used times. */
  touch(changes: readonly AdminChange[]): Promise<void>
  /** Administration of the service by itself: the record is made or replaced, whatever was there. */
  note(change: AdminChange): Promise<void>
  close(): Promise<void>
}

if (parentPort !== null) {
  const data = workerData as WorkerData // set by start-threads.ts
  const { keyring, openForWriting } = await loadStores(data)
  const discipline = 'folder' in data.place ? oneAtATime : allAtOnce
  serveCalls(parentPort, createWriter({ keyring, discipline, opened: await openForWriting() }))
}

/** How transactions are run, and what a failure of the store makes of the next ones. */
export interface Discipline {
  run<T>(work: () => Promise<T>): Promise<T>
  /** Runs the last work; whatever comes after it is refused. */
  end(work: () => Promise<void>): Promise<void>
}

/**
 * For a store that this thread alone writes to: one transaction after the other. After a failure
 * whose outcome is in doubt (I/O, corruption, a bug) nothing more is committed; a restart recovers.
 */
export function oneAtATime(toRefusal: ToRefusal): Discipline {
  let last: Promise<unknown> = Promise.resolve()
  let stopped: Refusal | undefined
  const classify = (error: unknown): unknown => {
    const refusal = toRefusal(error)
    if (refusal !== undefined) return refusal
    stopped = new Refusal('ledger-stopped', {
      detail:
        'The ledger stopped after a failure of its store. Nothing more is kept until restart.',
    })
    return error
  }
  const run = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(async () => {
      if (stopped !== undefined) throw stopped
      try {
        return await work()
      } catch (error) {
        throw classify(error)
      }
    })
    last = mine.catch(() => undefined)
    return mine
  }
  return {
    run,
    end: (work) =>
      run(async () => {
        await work()
        stopped = refuseClosed()
      }),
  }
}

/**
 * For a store that settles every doubt itself before it answers: transactions side by side, one for
 * each lane of the queue. A failure is that transaction's alone, and nothing ever stops for good.
 */
export function allAtOnce(toRefusal: ToRefusal): Discipline {
  const running = new Set<Promise<unknown>>()
  let isClosed = false
  return {
    run(work) {
      if (isClosed) return Promise.reject(refuseClosed())
      const mine = work().catch((error: unknown) => {
        throw toRefusal(error) ?? error
      })
      const settled = mine.then(
        () => undefined,
        () => undefined,
      )
      running.add(settled)
      void settled.then(() => running.delete(settled))
      return mine
    },
    async end(work) {
      isClosed = true
      await Promise.all(running)
      await work()
    },
  }
}

const refuseClosed = (): Refusal =>
  new Refusal('ledger-stopped', { detail: 'The service is shutting down.' })

/** Everything that is committed goes through here. */
export function createWriter(options: {
  readonly opened: WritingStore
  readonly keyring: Keyring
  readonly discipline: (toRefusal: ToRefusal) => Discipline
}): WriterCalls {
  const { store, toRefusal, close } = options.opened
  const { run, end } = options.discipline(toRefusal)
  const sequencer = createSequencer({
    store,
    keyring: options.keyring,
    clock: systemClock,
    fillRandom: (buffer) => void randomFillSync(buffer),
  })
  return {
    append: (requests) =>
      run(async () => {
        const began = performance.now()
        const { outcomes, grown, repeats } = await sequencer.append(decodeAppend(requests))
        const durationMs = performance.now() - began
        const startedMs = performance.timeOrigin + began
        return { outcomes: encodeOutcomes(outcomes), grown, repeats, startedMs, durationMs }
      }),
    saveCheckpoints: (checkpoints) =>
      run(() =>
        store.transact(async (transaction) => {
          for (const checkpoint of checkpoints) await transaction.saveCheckpoint(checkpoint)
        }),
      ),
    touch: (changes) =>
      run(() =>
        store.transact(async (transaction) => {
          for (const change of changes) {
            // What was removed meanwhile stays removed.
            const exists = await transaction.hasAdmin(change.kind, change.id)
            if (exists) await transaction.changeAdmin(change)
          }
        }),
      ),
    note: (change) => run(() => store.transact((transaction) => transaction.changeAdmin(change))),
    close: () => end(close),
  }
}
