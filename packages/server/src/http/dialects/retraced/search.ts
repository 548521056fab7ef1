import type { FastifyRequest } from 'fastify'
import { assertScope } from '../../../admin/principal.ts'
import { resolveReadTenants } from '../../../admin/resolve-tenants.ts'
import { combine, type Term } from '../../../query/query.ts'
import { callerOf, principalOf } from '../../authenticate.ts'
import type { ReadParts } from '../../read-parts.ts'
import { narrow } from '../../read-request.ts'
import { toEventNode } from './event-node.ts'
import { findPage, formatCursor, type LogSearch } from './find-events.ts'
import { parseSearchText, type RetracedQuery } from './search-text.ts'
import { readOperation, select } from './selection.ts'

export const fieldTerm = (field: string, text: string): Term => ({
  ...{ negated: false, field, values: [{ kind: 'exact', text }] },
})

/** What its clients are shown: the events that came in through this dialect. */
export const retracedTerm = fieldTerm('context.dialect', 'retraced')

/** A GraphQL search, answered as it was asked for. */
export async function answerSearch(
  request: FastifyRequest,
  body: unknown,
  parts: ReadParts,
): Promise<object> {
  const { selection, query, last, before } = readOperation(body)
  const found = narrowToCaller(request, parseSearchText(query, parts.clock()), parts)
  const { totalCount, entries, hasMore } = await findPage(parts.reader, found, { last, before })
  await parts.readAudit.record(callerOf(request), {
    action: 'events.searched',
    tenants: [found.tenant],
    query: { q: query, limit: String(last) },
  })
  const search = {
    totalCount,
    pageInfo: { hasPreviousPage: hasMore },
    edges: entries.map((entry) => ({ cursor: formatCursor(entry), node: toEventNode(entry) })),
  }
  return { data: { search: select(selection, search) } }
}

/** What is asked for, in the caller's own log, as far as the caller may see. */
export function narrowToCaller(
  request: FastifyRequest,
  { query, received }: RetracedQuery,
  { clock }: Pick<ReadParts, 'clock'>,
  scope: 'read' | 'export' = 'read',
): LogSearch {
  const principal = principalOf(request)
  assertScope(principal, scope)
  const [tenant = ''] = resolveReadTenants(principal, undefined, [])
  const own = combine({ terms: [retracedTerm] }, query)
  return { tenant, query: narrow(principal, own, clock()), received }
}
