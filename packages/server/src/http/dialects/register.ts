import type { App } from '../app.ts'
import { registerCloudEvents } from './cloudevents.ts'
import type { DialectParts } from './dialect.ts'
import { registerFlat } from './flat.ts'
import { type OtlpParts, registerOtlp } from './otlp.ts'
import { registerRecordStreams } from './record-streams.ts'
import { type RetracedParts, registerRetraced } from './retraced.ts'
import { registerWorkos, type WorkosParts } from './workos.ts'

/** What others speak already: each dialect at the addresses its clients know. */
export function registerDialects(
  app: App,
  parts: DialectParts & RetracedParts & WorkosParts & OtlpParts,
): void {
  registerFlat(app, parts)
  registerRetraced(app, parts)
  registerCloudEvents(app, parts)
  registerWorkos(app, parts)
  registerOtlp(app, parts)
  registerRecordStreams(app, parts)
}
