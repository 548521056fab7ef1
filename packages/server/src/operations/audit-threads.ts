import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { AuditStore } from '../store/store.ts'
import { connect } from '../threads/port.ts'
import type { Stretch } from '../verify/audit-blocks.ts'
import { auditEntries, type StretchReport } from '../verify/audit-entries.ts'
import type { Finding } from '../verify/finding.ts'
import { auditIndex } from './audit-index.ts'
import type { AuditCalls } from './audit-worker.ts'

/** Threads at most: beyond two the disk and the running service have the better claim. */
const threadsMax = 2
/** A smaller folder is audited before a thread has started. */
const entriesForThreads = 20_000

export interface AuditThreads extends AsyncDisposable {
  readonly concurrency: number
  auditEntries(stretch: Stretch): Promise<StretchReport>
  /** Beside the entries: it takes as long as a sixth of them. */
  auditIndex(folder: string): Promise<Finding[]>
}

/** Where stretches are audited: here, or in threads that each hold log.db open to read. */
export function createAuditThreads(options: {
  readonly path: string
  readonly store: AuditStore
  readonly entries: number
}): AuditThreads {
  const { path, store, entries } = options
  const count = entries < entriesForThreads ? 0 : Math.min(threadsMax, availableParallelism())
  const start = () => {
    const worker = new Worker(new URL('./audit-worker.ts', import.meta.url), {
      name: 'indelible-audit',
      workerData: { path },
    })
    // Its calls are rejected when it dies; whoever awaits them hears of it.
    return connect<AuditCalls>(worker, { onDeath: () => undefined })
  }
  const threads = Array.from({ length: count }, start)
  let next = 0
  return {
    // Two for each thread: the next is there when one is done.
    concurrency: Math.max(1, count * 2),
    auditEntries(stretch) {
      const thread = threads[next++ % Math.max(1, count)]
      return thread === undefined
        ? auditEntries(store, stretch)
        : thread.calls.auditEntries(stretch)
    },
    async auditIndex(folder) {
      if (count === 0) return auditIndex(folder)
      const thread = start()
      return thread.calls.auditIndex(folder).finally(thread.stop)
    },
    async [Symbol.asyncDispose]() {
      for (const thread of threads) await thread.stop()
    },
  }
}
