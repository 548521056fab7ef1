import type { Refusal } from '../../base/refusal.ts'
import { toEventId } from '../../intake/dialects/event-id.ts'
import { type FlatForm, formatFlat, translateFlat } from '../../intake/dialects/flat.ts'
import type { App } from '../app.ts'
import { callerOf } from '../authenticate.ts'
import { findEntry } from '../find-entry.ts'
import { bare, bearer } from '../presented-credential.ts'
import { readOne } from '../read-request.ts'
import { type Dialect, type DialectParts, type DialectScope, openDialect } from './dialect.ts'
import { registerFlatAccess } from './flat-access.ts'
import { flatQuery, listFlat } from './flat-reads.ts'
import { readIdempotencyKey } from './idempotency-key.ts'

/** The events that home-made audit services take: `POST /event`, `GET /events` and their like. */
const flat: Dialect = {
  name: 'flat',
  credential: { header: [bearer, bare] },
  describeRefusal: ({ code, message, errors }: Refusal) => ({
    ...{ error: message, code },
    ...(errors === undefined ? {} : { errors }),
  }),
}

export function registerFlat(app: App, parts: DialectParts): void {
  openDialect(app, parts, flat, (dialect) => {
    registerWrite('/event', 'event', dialect)
    registerWrite('/events', 'events', dialect)
    registerReads(dialect, parts)
    registerFlatAccess(dialect, parts)
  })
}

function registerWrite(path: string, form: FlatForm, dialect: DialectScope): void {
  const { scope, route, readJson, submit } = dialect
  scope.post(path, route, async (request, reply) => {
    const body = await readJson(request)
    const translation = translateFlat(body, form, readIdempotencyKey(request))
    const tenant = readOne(request, 'tenant')
    const [head] = await submit(request, translation, tenant === undefined ? {} : { tenant })
    // The same for a retry: whoever missed the first answer gets it now.
    return reply.code(201).send({ event_id: head?.id, ...head })
  })
}

function registerReads({ scope, route }: DialectScope, parts: DialectParts) {
  const fields = ['event_type', 'customer_id', 'user_id']
  scope.get('/event', route, (request) => listFlat(request, parts, fields))
  scope.get('/events', route, (request) => listFlat(request, parts))
  scope.get('/event/:id', route, async (request) => {
    const { id: named } = request.params as { id: string } // of the path
    const query = flatQuery(parts.clock())
    const { tenant, id, json } = await findEntry(request, parts, { id: toEventId(named), query })
    const read = { action: 'event.read', tenants: [tenant], entry: id }
    await parts.readAudit.record(callerOf(request), read)
    return formatFlat(JSON.parse(json).event)
  })
}
