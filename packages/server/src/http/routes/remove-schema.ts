import { Type } from 'typebox'
import type { Schemas } from '../../admin/schemas.ts'
import type { App } from '../app.ts'
import { type Authenticator, callerOf } from '../authenticate.ts'
import { document } from '../documented.ts'
import { SchemaParams } from './list-schemas.ts'

const schema = {
  ...document(
    {
      tags: ['administration'],
      summary: 'Remove a schema',
      description: 'Events of its action are held to nothing but the rules of every event again.',
    },
    { 204: Type.Null({ description: 'It is removed.' }) },
    ['query-invalid', 'resource-unknown', 'pushback'],
  ),
  params: SchemaParams,
}

export function registerRemoveSchema(
  app: App,
  options: { readonly authenticator: Authenticator; readonly schemas: Schemas },
): void {
  const { authenticator, schemas } = options
  const route = { schema, onRequest: authenticator.hook }
  app.delete('/v1/tenants/:tenant/schemas/:action', route, async (request, reply) => {
    const { tenant, action } = request.params
    await schemas.remove(callerOf(request), tenant, action)
    return reply.code(204).send()
  })
}
