import { type ExportResult, ExportResultCode } from '@opentelemetry/core'

interface Exporter<Batch> {
  export(batch: Batch, done: (result: ExportResult) => void): void
}

/** Told once when nothing gets through any more, and once when it does again. */
export interface OutageReports {
  onOutage(error: Error | undefined): void
  onReturn(): void
}

/**
 * Watches how an exporter's batches fare. What can't be sent is dropped by the SDK, within its own
 * bounds: telemetry must neither slow the service nor fill its memory.
 */
export function watchExporter<Batch, E extends Exporter<Batch>>(
  exporter: E,
  { onOutage, onReturn }: OutageReports,
): E {
  const send = exporter.export.bind(exporter)
  let isOut = false
  exporter.export = (batch, done) =>
    send(batch, (result) => {
      const failed = result.code !== ExportResultCode.SUCCESS
      if (failed && !isOut) onOutage(result.error)
      if (!failed && isOut) onReturn()
      isOut = failed
      done(result)
    })
  return exporter
}
