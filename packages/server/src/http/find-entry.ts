import { EventId } from '@indelible/protocol/schema'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { assertScope } from '../admin/principal.ts'
import { resolveReadTenants } from '../admin/resolve-tenants.ts'
import { Refusal } from '../base/refusal.ts'
import { emptyQuery, type Query } from '../query/query.ts'
import { principalOf } from './authenticate.ts'
import type { ReadParts } from './read-parts.ts'
import { narrow } from './read-request.ts'

export const IdParameters = Type.Object({ id: Type.String({ description: 'The event’s id.' }) })
export const TenantParameter = {
  tenant: Type.Optional(Type.Unknown({ description: 'Whose log; default: as for a search.' })),
}

const eventId = Compile(EventId)

/**
 * The entry a path names (or `named`, where a dialect has another spelling of it), if the caller
 * may see it. Another tenant's, and one that a viewer token's filter hides, are answered like one
 * that is not there.
 * @throws Refusal `entry-unknown` `scope-insufficient`
 */
export async function findEntry(
  request: FastifyRequest,
  parts: Omit<ReadParts, 'ledger'>,
  named: { readonly id?: string; readonly query?: Query } = {},
): Promise<{ tenant: string; id: string; index: number; json: string }> {
  const principal = principalOf(request)
  assertScope(principal, 'read')
  const { id: idOfPath } = request.params as { id: string } // of a route with IdParameters
  const { id = idOfPath, query: ownQuery = emptyQuery } = named
  const { tenant: tenantNamed } = request.query as { tenant?: string | string[] } // parseQueryString
  const existing = tenantNamed === '*' ? (await parts.listLogs()).map(({ tenant }) => tenant) : []
  const query = narrow(principal, ownQuery, parts.clock())
  const tenants = resolveReadTenants(principal, tenantNamed, existing)
  // A store need not tell what no id can be from what one is.
  for (const tenant of eventId.Check(id) ? tenants : []) {
    const found = await parts.reader.readEntry(tenant, id, query)
    if (found !== undefined) return { tenant, id, ...found }
  }
  throw new Refusal('entry-unknown', {
    detail: `There is no entry with the id "${id.slice(0, 128)}" in the logs you asked.`,
  })
}
