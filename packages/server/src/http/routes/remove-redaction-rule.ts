import { Type } from 'typebox'
import type { RedactionAdmin } from '../../admin/redaction-rules.ts'
import type { App } from '../app.ts'
import { type Authenticator, callerOf } from '../authenticate.ts'
import { document } from '../documented.ts'

const schema = {
  ...document(
    {
      tags: ['administration'],
      summary: 'Remove a rule of redaction',
      description: 'One that was made by this API. What it took is not brought back.',
    },
    { 204: Type.Null({ description: 'It is removed.' }) },
    ['resource-unknown', 'resource-conflict', 'pushback'],
  ),
  params: Type.Object({ name: Type.String() }),
}

/** `DELETE /v1/redaction/rules/{name}` */
export function registerRemoveRedactionRule(
  app: App,
  options: { readonly authenticator: Authenticator; readonly redaction: RedactionAdmin },
): void {
  const { authenticator, redaction } = options
  const route = { schema, onRequest: authenticator.hook }
  app.delete('/v1/redaction/rules/:name', route, async (request, reply) => {
    await redaction.remove(callerOf(request), request.params.name)
    return reply.code(204).send()
  })
}
