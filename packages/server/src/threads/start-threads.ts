import { Worker } from 'node:worker_threads'
import type { IndexerCalls, IndexNotice } from './indexer.ts'
import { connect, type Remote } from './port.ts'
import type { PublisherCalls } from './publisher.ts'
import type { ReaderCalls } from './reader.ts'
import type { FolderWorkerData, WriterCalls } from './writer.ts'

/** Two readers: one long export never holds up a search. */
const readerCount = 2

/**
 * Young generation of each thread, MB: enough for what it holds at a time. Left alone, V8 grows
 * it with the machine's memory: measured, 700 MB resident under load, for threads that hold
 * almost nothing.
 */
const youngGenerationMb = { writer: 8, indexer: 8, publisher: 4, reader: 6 } as const

export interface Threads extends AsyncDisposable {
  readonly writer: WriterCalls
  readonly indexer: IndexerCalls
  readonly publisher: PublisherCalls
  /** Calls go to the reader with the fewest under way. */
  readonly reader: ReaderCalls
}

/** Starts the worker threads of a data folder (docs/adr/0003-threads.md). */
export function startThreads(
  data: FolderWorkerData,
  options: {
    readonly onIndexed: (notice: IndexNotice) => void
    readonly onDeath: (thread: string, error: Error) => void
  },
): Threads {
  const start = <T extends object>(
    name: keyof typeof youngGenerationMb,
    onNotice?: (notice: unknown) => void,
  ) => {
    const worker = new Worker(new URL(`./${name}.ts`, import.meta.url), {
      name: `indelible-${name}`,
      workerData: data,
      resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb[name] },
    })
    // Every thread serves an object of async functions; port.ts cannot see that in T.
    return connect(worker, {
      ...(onNotice === undefined ? {} : { onNotice }),
      onDeath: (error) => options.onDeath(name, error),
    }) as unknown as Remote<T & { close(): Promise<void> }>
  }
  const writer = start<WriterCalls>('writer')
  const indexer = start<IndexerCalls>(
    'indexer',
    (notice) => options.onIndexed(notice as IndexNotice), // the indexer sends no other
  )
  const publisher = start<PublisherCalls>('publisher')
  const readers = Array.from({ length: readerCount }, () => start<ReaderCalls>('reader'))
  return {
    writer: writer.calls,
    indexer: indexer.calls,
    publisher: publisher.calls,
    reader: balance(readers.map(({ calls }) => calls)),
    async [Symbol.asyncDispose]() {
      const closing = [...readers, publisher, indexer, writer]
      for (const { calls, stop } of closing) {
        await calls.close().catch(() => undefined) // a thread that died has nothing to close
        await stop()
      }
    },
  }
}

/** Sends each call to the thread with the fewest calls under way. */
function balance(calls: readonly ReaderCalls[]): ReaderCalls {
  const underWay = calls.map(() => 0)
  return new Proxy({} as ReaderCalls, {
    get:
      (_, name: keyof ReaderCalls) =>
      async (...args: unknown[]) => {
        const n = underWay.indexOf(Math.min(...underWay))
        underWay[n] = (underWay[n] ?? 0) + 1
        try {
          const thread = calls[n] as Record<string, (...args: unknown[]) => Promise<unknown>>
          return await thread[name]?.(...args)
        } finally {
          underWay[n] = (underWay[n] ?? 1) - 1
        }
      },
  })
}
