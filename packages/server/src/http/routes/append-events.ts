import type { Head as HeadOf } from '@indelible/protocol'
import { EventSubmission, Head } from '@indelible/protocol/schema'
import { Type } from 'typebox'
import { assertScope } from '../../admin/principal.ts'
import { resolveWriteTenant } from '../../admin/resolve-tenants.ts'
import { Refusal } from '../../base/refusal.ts'
import type { Admission } from '../../intake/admit.ts'
import { readEvents } from '../../intake/body.ts'
import type { AdmittedEvent } from '../../store/store.ts'
import { answerHeads } from '../answer-heads.ts'
import type { App } from '../app.ts'
import { type Authenticator, principalOf } from '../authenticate.ts'
import { document } from '../documented.ts'

const Heads = Type.Union([Head, Type.Object({ entries: Type.Array(Head) })])

const schema = {
  ...document(
    {
      tags: ['events'],
      summary: 'Append events',
      description:
        'One event (an object), or a batch: an array, or NDJSON. gzip is accepted. Durable before ' +
        'it is answered; a batch is kept whole or not at all. The same `id` with the same content ' +
        'is one entry, however often it is sent.',
    },
    { 200: Heads, 201: Heads },
    [
      'json-malformed',
      'media-type-unsupported',
      'body-too-large',
      'event-invalid',
      'idempotency-conflict',
      'pushback',
      'store-unavailable',
      'ledger-stopped',
      'clock-behind',
    ],
  ),
  'x-request-body': Type.Union([EventSubmission, Type.Array(EventSubmission)]),
}

/** `POST /v1/events` */
export function registerAppendEvents(
  app: App,
  options: {
    readonly authenticator: Authenticator
    readonly admission: Admission
    readonly append: (events: readonly AdmittedEvent[]) => Promise<HeadOf[]>
  },
): void {
  const { authenticator, admission, append } = options
  // The intake parses bodies itself: strictly, and whatever their type says.
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_, body, done) => done(null, body))
    scope.post('/v1/events', { schema, onRequest: authenticator.hook }, async (request, reply) => {
      const principal = principalOf(request)
      assertScope(principal, 'append')
      const { shape, values } = await readEvents({
        contentType: request.headers['content-type'],
        contentEncoding: request.headers['content-encoding'],
        body: bodyOf(request.body),
      })
      const events = admission.admit(values, {
        shape,
        resolveTenant: (name) => resolveWriteTenant(principal, name),
      })
      const heads = await append(events)
      return answerHeads(reply, heads, shape)
    })
  })
}

function bodyOf(body: unknown): Buffer {
  if (Buffer.isBuffer(body)) return body
  throw new Refusal('json-malformed', { detail: 'The body is empty; send an event.' })
}
