import { limits } from '@indelible/protocol'
import { Fault } from '@indelible/protocol/schema'
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
      summary: 'Try an event on a schema',
      description:
        'On the one that there is, or on the one that is sent along. Nothing is kept, not even ' +
        'that it was tried.',
    },
    { 200: Type.Object({ valid: Type.Boolean(), errors: Type.Array(Fault) }) },
    ['request-invalid', 'query-invalid', 'resource-unknown'],
  ),
  params: SchemaParams,
  body: Type.Object(
    { event: Type.Unknown(), schema: Type.Optional(Type.Unknown()) },
    { additionalProperties: false },
  ),
}

export function registerCheckSchema(
  app: App,
  options: { readonly authenticator: Authenticator; readonly schemas: Schemas },
): void {
  const { authenticator, schemas } = options
  const route = { schema, bodyLimit: limits.adminBodyBytesMax, onRequest: authenticator.hook }
  app.post('/v1/tenants/:tenant/schemas/:action/check', route, async (request) => {
    const { tenant, action } = request.params
    return schemas.check(callerOf(request), tenant, action, request.body)
  })
}
