import { createHash, timingSafeEqual } from 'node:crypto'
import { Type } from 'typebox'
import { Refusal } from '../../base/refusal.ts'
import type { App } from '../app.ts'
import { document } from '../documented.ts'

/** Prometheus text of every metric. */
export interface Scrape {
  readonly contentType: string
  metrics(): Promise<string>
}

const schema = document(
  {
    tags: ['service'],
    summary: 'Metrics',
    description: 'Prometheus text format. `INDELIBLE_METRICS_KEY` closes it.',
    authenticated: false,
  },
  { 200: Type.String() },
  ['credentials-invalid'],
)

/** `GET /metrics` */
export function registerReadMetrics(
  app: App,
  options: { readonly scrape: Scrape; readonly metricsKey?: string },
): void {
  const { scrape, metricsKey } = options
  const digest = (text: string) => createHash('sha256').update(text).digest()
  const expected = metricsKey === undefined ? undefined : digest(`Bearer ${metricsKey}`)
  app.get('/metrics', { schema }, async (request, reply) => {
    const presented = digest(request.headers.authorization ?? '')
    if (expected !== undefined && !timingSafeEqual(expected, presented)) {
      throw new Refusal('credentials-invalid', {
        detail: 'Send the metrics key as a bearer token.',
      })
    }
    reply.header('content-type', scrape.contentType)
    return reply.send(await scrape.metrics())
  })
}
