import { Worker } from 'node:worker_threads'
import { connect } from '../threads/port.ts'
import type { AuditReport } from '../verify/audit.ts'
import type { AuditApartCalls, AuditApartData } from './audit-apart-worker.ts'
import type { Progress } from './operation-options.ts'

/**
 * Audits in a thread of its own, which stops wherever it is when the signal is given: nobody waits
 * for an audit, neither an append nor the end of the service.
 * @returns undefined where another node of the same database is at it
 * @throws Error with a sentence for the operator where it came to no end; the signal's reason
 */
export async function auditApart(
  options: AuditApartData & {
    /** Until it is given, the audit rests for most of the time. */
    readonly haste: AbortSignal
    readonly onProgress: (progress: Progress) => void
    readonly signal: AbortSignal
  },
): Promise<AuditReport | undefined> {
  const { haste, onProgress, signal, ...workerData } = options
  signal.throwIfAborted()
  const worker = new Worker(new URL('./audit-apart-worker.ts', import.meta.url), {
    name: 'indelible-self-audit',
    workerData,
  })
  const { calls, stop } = connect<AuditApartCalls>(worker, {
    onNotice: (notice) => onProgress(notice as Progress), // it sends no other
    onDeath: () => undefined, // the call under way is rejected
  })
  const onAbort = () => void stop()
  const onHaste = () => void calls.hurry().catch(() => undefined) // it may have ended meanwhile
  signal.addEventListener('abort', onAbort)
  haste.addEventListener('abort', onHaste)
  if (haste.aborted) onHaste()
  try {
    const { report, fault } = await calls.audit()
    if (fault !== undefined) throw new Error(fault)
    return report
  } finally {
    signal.removeEventListener('abort', onAbort)
    haste.removeEventListener('abort', onHaste)
    await stop()
    signal.throwIfAborted()
  }
}
