import { limits } from '@indelible/protocol'
import { RedactionRule, RedactionRuleName, RedactionRuleRequest } from '@indelible/protocol/schema'
import { Type } from 'typebox'
import type { RedactionAdmin } from '../../admin/redaction-rules.ts'
import type { App } from '../app.ts'
import { type Authenticator, callerOf } from '../authenticate.ts'
import { document } from '../documented.ts'

const schema = {
  ...document(
    {
      tags: ['administration'],
      summary: 'Add or replace a rule of redaction',
      description:
        'In effect when it is answered, for what comes in from then on, on other nodes within a ' +
        'second; what was kept is not rewritten. A rule of the redaction file can’t be changed.',
    },
    { 200: RedactionRule, 201: RedactionRule },
    ['request-invalid', 'resource-conflict', 'pushback'],
  ),
  params: Type.Object({ name: RedactionRuleName }),
  body: RedactionRuleRequest,
}

/** `PUT /v1/redaction/rules/{name}` */
export function registerPutRedactionRule(
  app: App,
  options: { readonly authenticator: Authenticator; readonly redaction: RedactionAdmin },
): void {
  const { authenticator, redaction } = options
  const route = { schema, bodyLimit: limits.adminBodyBytesMax, onRequest: authenticator.hook }
  app.put('/v1/redaction/rules/:name', route, async (request, reply) => {
    const rule = { name: request.params.name, ...request.body }
    const { isNew } = await redaction.put(callerOf(request), rule)
    return reply.code(isNew ? 201 : 200).send(rule)
  })
}
