import { everyTenant } from '@indelible/protocol'
import { SchemaInfo, TenantName } from '@indelible/protocol/schema'
import { Type } from 'typebox'
import type { Schemas } from '../../admin/schemas.ts'
import type { App } from '../app.ts'
import { type Authenticator, callerOf } from '../authenticate.ts'
import { document } from '../documented.ts'

const SchemaTenant = Type.Union([TenantName, Type.Literal(everyTenant)], {
  description: 'Whose; `*`: of every tenant that has none of its own for the action.',
})

export const SchemaParams = Type.Object({
  tenant: SchemaTenant,
  action: Type.String({ minLength: 1, description: 'An action, exactly.' }),
})

const list = {
  ...document(
    { tags: ['administration'], summary: 'List a tenant’s schemas', description: 'By action.' },
    { 200: Type.Object({ schemas: Type.Array(SchemaInfo) }) },
    ['query-invalid'],
  ),
  params: Type.Object({ tenant: SchemaTenant }),
}

const read = {
  ...document({ tags: ['administration'], summary: 'Read a schema' }, { 200: SchemaInfo }, [
    'query-invalid',
    'resource-unknown',
  ]),
  params: SchemaParams,
}

export function registerListSchemas(
  app: App,
  options: { readonly authenticator: Authenticator; readonly schemas: Schemas },
): void {
  const { authenticator, schemas } = options
  const listing = { schema: list, onRequest: authenticator.hook }
  app.get('/v1/tenants/:tenant/schemas', listing, async (request) => ({
    schemas: schemas.list(callerOf(request), request.params.tenant),
  }))
  const reading = { schema: read, onRequest: authenticator.hook }
  app.get('/v1/tenants/:tenant/schemas/:action', reading, async (request) => {
    const { tenant, action } = request.params
    return schemas.read(callerOf(request), tenant, action)
  })
}
