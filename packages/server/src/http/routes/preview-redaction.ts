import { limits } from '@indelible/protocol'
import { RedactionRule } from '@indelible/protocol/schema'
import { Type } from 'typebox'
import type { RedactionAdmin } from '../../admin/redaction-rules.ts'
import type { PreviewEvent } from '../../intake/preview.ts'
import type { App } from '../app.ts'
import { type Authenticator, callerOf } from '../authenticate.ts'
import { document } from '../documented.ts'

const schema = {
  ...document(
    {
      tags: ['administration'],
      summary: 'Preview redaction',
      description:
        'The event as it would be kept, by the rules in effect and by `rule`, which need not be ' +
        'saved. Nothing of it is kept anywhere; `_system` says that a preview was made.',
    },
    { 200: Type.Object({ event: Type.Record(Type.String(), Type.Unknown()) }) },
    ['request-invalid', 'event-invalid', 'resource-conflict', 'pushback'],
  ),
  body: Type.Object(
    {
      event: Type.Unknown({ description: 'As `POST /v1/events` takes it.' }),
      rule: Type.Optional(RedactionRule),
    },
    { additionalProperties: false },
  ),
}
/** An event of the largest size, as generously spaced as people paste them, and a rule. */
const bodyLimit = 4 * limits.eventBytesMax

/** `POST /v1/redaction/preview` */
export function registerPreviewRedaction(
  app: App,
  options: {
    readonly authenticator: Authenticator
    readonly redaction: RedactionAdmin
    readonly previewEvent: PreviewEvent
  },
): void {
  const { authenticator, redaction, previewEvent } = options
  const route = { schema, bodyLimit, onRequest: authenticator.hook }
  app.post('/v1/redaction/preview', route, async (request) => {
    const { event, rule } = request.body
    await redaction.notePreview(callerOf(request), rule)
    return { event: previewEvent(event, rule) }
  })
}
