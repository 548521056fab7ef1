import { translateCloudEvents } from '../../intake/dialects/cloudevents.ts'
import { answerHeads } from '../answer-heads.ts'
import type { App } from '../app.ts'
import { bearer } from '../presented-credential.ts'
import { readOne } from '../read-request.ts'
import { type Dialect, type DialectParts, openDialect, undocumented } from './dialect.ts'

/** CloudEvents 1.0 over HTTP, and its webhooks (HTTP 1.1 Web Hooks for Event Delivery 1.0.1). */
const cloudEvents: Dialect = {
  name: 'cloudevents',
  // Web Hooks §3.2: a delivery target takes both.
  credential: { header: [bearer], parameter: 'access_token' },
}

const path = '/cloudevents'

export function registerCloudEvents(app: App, parts: DialectParts): void {
  openDialect(app, parts, cloudEvents, ({ scope, route, readBody, submit }) => {
    scope.post(path, route, async (request, reply) => {
      const { headers } = request
      const translation = await readBody(request, (body) =>
        translateCloudEvents({ contentType: headers['content-type'], headers, body }),
      )
      const heads = await submit(request, translation, { tenant: readOne(request, 'tenant') })
      return answerHeads(reply, heads, translation.isBatch ? 'batch' : 'single')
    })
    // §4.1: whoever may deliver is told so by a credential, so no origin is turned away here.
    scope.options(path, undocumented, async (request, reply) => {
      const { 'webhook-request-origin': origin, 'webhook-request-rate': rate } = request.headers
      reply.header('allow', 'POST, OPTIONS')
      if (origin !== undefined) reply.header('webhook-allowed-origin', '*')
      if (rate !== undefined) reply.header('webhook-allowed-rate', '*')
      return reply.code(200).send()
    })
  })
}
