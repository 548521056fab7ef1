import { limits } from '@indelible/protocol'
import { SchemaInfo } from '@indelible/protocol/schema'
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
      summary: 'Hold an action’s events to a schema',
      description:
        'From then on an event of this action, as it is submitted, must match: otherwise it is ' +
        'refused with `event-invalid`. Repeats of events kept before are answered as ever. ' +
        'Nothing is fetched: a `$ref` points into the schema itself.',
    },
    { 200: SchemaInfo, 201: SchemaInfo },
    ['request-invalid', 'query-invalid', 'resource-conflict', 'pushback'],
  ),
  params: SchemaParams,
  body: Type.Object(
    {},
    { additionalProperties: true, description: 'A JSON Schema for the whole event.' },
  ),
}

export function registerSetSchema(
  app: App,
  options: { readonly authenticator: Authenticator; readonly schemas: Schemas },
): void {
  const { authenticator, schemas } = options
  const route = { schema, bodyLimit: limits.adminBodyBytesMax, onRequest: authenticator.hook }
  app.put('/v1/tenants/:tenant/schemas/:action', route, async (request, reply) => {
    const { tenant, action } = request.params
    const { isNew, ...set } = await schemas.set(callerOf(request), tenant, action, request.body)
    return reply.code(isNew ? 201 : 200).send(set)
  })
}
