import type { App } from './app.ts'
import type { ReadParts } from './read-parts.ts'
import { registerExportEvents } from './routes/export-events.ts'
import { registerListEvents } from './routes/list-events.ts'
import { registerReadEvent } from './routes/read-event.ts'
import { registerReadLogs } from './routes/read-logs.ts'
import { registerReadProofs } from './routes/read-proofs.ts'
import { registerReadReceipt } from './routes/read-receipt.ts'
import { registerReadTiles } from './routes/read-tiles.ts'
import { registerStreamEvents } from './routes/stream-events.ts'
import { registerSummariseEvents } from './routes/summarise-events.ts'

/** Search, receipts, streams, exports, logs and their proofs. */
export function registerReadRoutes(
  app: App,
  parts: ReadParts & { readonly publicTiles: boolean },
): void {
  registerListEvents(app, parts)
  registerReadEvent(app, parts)
  registerReadReceipt(app, parts)
  registerStreamEvents(app, parts)
  registerExportEvents(app, parts)
  registerSummariseEvents(app, parts)
  registerReadLogs(app, parts)
  registerReadProofs(app, parts)
  registerReadTiles(app, parts)
}
