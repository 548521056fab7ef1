import { Entry } from '@indelible/protocol/schema'
import { Type } from 'typebox'
import type { App } from '../app.ts'
import { callerOf } from '../authenticate.ts'
import { document } from '../documented.ts'
import { findEntry, IdParameters, TenantParameter } from '../find-entry.ts'
import type { ReadParts } from '../read-parts.ts'

const schema = {
  ...document({ tags: ['events'], summary: 'Read one entry' }, { 200: Entry }, [
    'query-invalid',
    'request-invalid',
    'entry-unknown',
    'entry-erased',
  ]),
  params: IdParameters,
  querystring: Type.Object(TenantParameter),
}

/** `GET /v1/events/{id}` */
export function registerReadEvent(app: App, parts: ReadParts): void {
  const route = { schema, onRequest: parts.authenticator.hook }
  app.get('/v1/events/:id', route, async (request, reply) => {
    const { tenant, id, json } = await findEntry(request, parts)
    const read = { action: 'event.read', tenants: [tenant], entry: id }
    await parts.readAudit.record(callerOf(request), read)
    return reply.header('content-type', 'application/json; charset=utf-8').send(json)
  })
}
