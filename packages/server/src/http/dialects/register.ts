import type { App } from '../app.ts'
import { registerCloudEvents } from './cloudevents.ts'
import type { DialectParts } from './dialect.ts'
import { registerFlat } from './flat.ts'
import { type OtlpParts, registerOtlp } from './otlp.ts'
import { registerOtlpAudit } from './otlp-audit.ts'
import { registerRecordStreams } from './record-streams.ts'
import { type RetracedParts, registerRetraced } from './retraced.ts'
import { registerWorkos, type WorkosParts } from './workos.ts'

/** Dialects of drafts, which are spoken where a setting says so. */
interface DraftDialects {
  /** INDELIBLE_OTLP_AUDIT. */
  readonly otlpAudit: boolean
}

/** What others speak already: each dialect at the addresses its clients know. */
export function registerDialects(
  app: App,
  parts: DialectParts & RetracedParts & WorkosParts & OtlpParts & DraftDialects,
): void {
  registerFlat(app, parts)
  registerRetraced(app, parts)
  registerCloudEvents(app, parts)
  registerWorkos(app, parts)
  registerOtlp(app, parts)
  if (parts.otlpAudit) registerOtlpAudit(app, parts)
  registerRecordStreams(app, parts)
}
