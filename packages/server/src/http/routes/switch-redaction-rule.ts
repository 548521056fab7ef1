import { limits } from '@indelible/protocol'
import { Type } from 'typebox'
import type { RedactionAdmin } from '../../admin/redaction-rules.ts'
import type { App } from '../app.ts'
import { type Authenticator, callerOf } from '../authenticate.ts'
import { document } from '../documented.ts'

const state = Type.Object({ name: Type.String(), enabled: Type.Boolean() })
const schema = {
  ...document(
    {
      tags: ['administration'],
      summary: 'Switch a built-in rule off or on',
      description:
        'Dangerous: while it is off, such secrets are kept as they come, for good. Nothing that ' +
        'came in meanwhile is redacted when it is on again.',
    },
    { 200: state },
    ['request-invalid', 'resource-unknown', 'resource-conflict', 'pushback'],
  ),
  params: Type.Object({ name: Type.String() }),
  body: Type.Object({ enabled: Type.Boolean() }, { additionalProperties: false }),
}

/** `PUT /v1/redaction/built-in/{name}` */
export function registerSwitchRedactionRule(
  app: App,
  options: { readonly authenticator: Authenticator; readonly redaction: RedactionAdmin },
): void {
  const { authenticator, redaction } = options
  const route = { schema, bodyLimit: limits.adminBodyBytesMax, onRequest: authenticator.hook }
  app.put('/v1/redaction/built-in/:name', route, async (request, reply) => {
    const { name } = request.params
    const { enabled } = request.body
    await redaction.switchBuiltIn(callerOf(request), name, enabled)
    return reply.send({ name, enabled })
  })
}
