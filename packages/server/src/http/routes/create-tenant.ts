import { limits } from '@indelible/protocol'
import { TenantInfo } from '@indelible/protocol/schema'
import { Type } from 'typebox'
import type { Tenants } from '../../admin/tenants.ts'
import type { App } from '../app.ts'
import { type Authenticator, callerOf } from '../authenticate.ts'
import { document } from '../documented.ts'

const schema = {
  ...document(
    {
      tags: ['administration'],
      summary: 'Make a tenant',
      description: 'Makes its empty log. Not needed before the first event, which does the same.',
    },
    { 201: Type.Object({ ...TenantInfo.properties, created: Type.String() }) },
    ['request-invalid', 'resource-conflict', 'pushback'],
  ),
  body: Type.Object(
    {
      tenant: Type.String({ maxLength: limits.tenantCharsMax }),
      name: Type.Optional(Type.String({ minLength: 1, maxLength: limits.displayNameCharsMax })),
    },
    { additionalProperties: false },
  ),
}

export function registerCreateTenant(
  app: App,
  options: { readonly authenticator: Authenticator; readonly tenants: Tenants },
): void {
  const { authenticator, tenants } = options
  const route = { schema, bodyLimit: limits.adminBodyBytesMax, onRequest: authenticator.hook }
  app.post('/v1/tenants', route, async (request, reply) =>
    reply.code(201).send(await tenants.create(callerOf(request), request.body)),
  )
}
