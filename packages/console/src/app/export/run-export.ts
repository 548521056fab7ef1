import { send } from '../api/request.ts'
import { createEntryCounter, type ExportFormat } from './count-lines.ts'
import type { ExportTarget } from './export-target.ts'

export interface ExportProgress {
  readonly entries: number
  readonly bytes: number
}

/** The stream ended before the export did. The status was sent long before: only the end can tell. */
export class ExportBroken extends Error {}

/**
 * Streams an export into its target, a chunk at a time. The service ends a stream that it can't
 * finish by breaking the connection, so what ends properly is whole.
 * @throws ExportBroken, ApiProblem, or what the target throws; nothing is left in it then
 */
export async function runExport(options: {
  readonly path: string
  readonly format: ExportFormat
  readonly target: ExportTarget
  readonly signal: AbortSignal
  readonly onProgress: (progress: ExportProgress) => void
}): Promise<ExportProgress> {
  const { path, format, target, signal, onProgress } = options
  const counter = createEntryCounter(format)
  let bytes = 0
  const report = (): ExportProgress => ({ entries: counter.entries(), bytes })
  try {
    const { body } = await send(path, { headers: { Accept: '*/*' }, signal })
    const reader = body?.getReader()
    for (;;) {
      const read = await reader?.read().catch((error: unknown) => {
        throw signal.aborted ? error : new ExportBroken()
      })
      if (read === undefined || read.done) break
      counter.add(read.value)
      bytes += read.value.byteLength
      await target.write(read.value)
      onProgress(report())
    }
    if (!counter.isBetweenLines()) throw new ExportBroken()
    signal.throwIfAborted()
    await target.close()
    return report()
  } catch (error) {
    await target.abort()
    throw error
  }
}
