import { TenantInfo } from '@indelible/protocol/schema'
import { Type } from 'typebox'
import type { Tenants } from '../../admin/tenants.ts'
import type { App } from '../app.ts'
import { type Authenticator, callerOf } from '../authenticate.ts'
import { document } from '../documented.ts'

const schema = document(
  {
    tags: ['administration'],
    summary: 'List tenants',
    description: 'Those your grant covers, by name; `_system` only where the grant names it.',
  },
  { 200: Type.Object({ tenants: Type.Array(TenantInfo) }) },
  [],
)

export function registerListTenants(
  app: App,
  options: { readonly authenticator: Authenticator; readonly tenants: Tenants },
): void {
  const { authenticator, tenants } = options
  app.get('/v1/tenants', { schema, onRequest: authenticator.hook }, async (request) => ({
    tenants: await tenants.list(callerOf(request)),
  }))
}
