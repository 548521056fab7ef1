import { Worker } from 'node:worker_threads'
import type { IndexerCalls, IndexNotice } from './indexer.ts'
import { connect, type Remote } from './port.ts'
import type { PublisherCalls } from './publisher.ts'
import type { ReaderCalls } from './reader.ts'
import { createReaderPool } from './reader-pool.ts'
import type { WorkerData } from './stores.ts'
import type { WriterCalls } from './writer.ts'

/** Two readers: one long export never holds up a search. */
const readerCount = 2

/**
 * Young generation of each thread, MB: enough for what it holds at a time. Left alone, V8 grows
 * it with the machine's memory: measured, 700 MB resident under load, for threads that hold
 * almost nothing.
 */
const youngGenerationMb = { writer: 8, indexer: 12, publisher: 6, reader: 6 } as const

export interface Threads extends AsyncDisposable {
  readonly writer: WriterCalls
  /** Of a data folder; a database indexes what it appends in the same transaction. */
  readonly indexer: IndexerCalls | undefined
  readonly publisher: PublisherCalls
  readonly reader: ReaderCalls
}

/** Starts the worker threads of a store (docs/adr/0003-threads.md). */
export function startThreads(
  data: WorkerData,
  options: {
    readonly onIndexed: (notice: IndexNotice) => void
    readonly onDeath: (thread: string, error: Error) => void
  },
): Threads {
  const start = <T extends object>(
    name: keyof typeof youngGenerationMb,
    on: { readonly notice?: (notice: unknown) => void; readonly death?: () => void } = {},
  ) => {
    const worker = new Worker(new URL(`./${name}.ts`, import.meta.url), {
      name: `indelible-${name}`,
      workerData: data,
      resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb[name] },
    })
    // Every thread serves an object of async functions; port.ts cannot see that in T.
    return connect(worker, {
      ...(on.notice === undefined ? {} : { onNotice: on.notice }),
      onDeath(error) {
        options.onDeath(name, error)
        on.death?.()
      },
    }) as unknown as Remote<T & { close(): Promise<void> }>
  }
  const writer = start<WriterCalls>('writer')
  const indexer =
    'folder' in data.place
      ? start<IndexerCalls>('indexer', {
          notice: (notice) => options.onIndexed(notice as IndexNotice), // it sends no other
        })
      : undefined
  const publisher = start<PublisherCalls>('publisher')
  const readers = createReaderPool({
    count: readerCount,
    start: (onDeath) => start<ReaderCalls>('reader', { death: onDeath }),
  })
  return {
    writer: writer.calls,
    indexer: indexer?.calls,
    publisher: publisher.calls,
    reader: readers.calls,
    async [Symbol.asyncDispose]() {
      await readers.close()
      for (const thread of [publisher, indexer, writer]) {
        if (thread === undefined) continue
        const { calls, stop } = thread
        await calls.close().catch(() => undefined) // a thread that died has nothing to close
        await stop()
      }
    },
  }
}
