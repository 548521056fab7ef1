import { limits } from '@indelible/protocol'
import type { FastifyRequest } from 'fastify'
import type { ViewerTokens } from '../../../admin/viewer-tokens.ts'
import { Refusal } from '../../../base/refusal.ts'
import { formatQuery } from '../../../query/query.ts'
import { callerOf, principalOf } from '../../authenticate.ts'
import { readOne } from '../../read-request.ts'
import { fieldTerm, retracedTerm } from './search.ts'

/** Whoever opens a page in the morning still has it open in the evening. */
const tokenSeconds = 12 * 60 * 60

/**
 * `GET …/viewertoken?group_id=&actor_id=&is_admin=&target_id=`: a viewer token for one group. The
 * `view_log_action` is not needed: every view is on record in `_system`, under the token's name.
 */
export async function createRetracedToken(
  request: FastifyRequest,
  { viewerTokens }: { readonly viewerTokens: ViewerTokens },
): Promise<{ readonly token: string }> {
  const group = readOne(request, 'group_id') ?? ''
  const target = readOne(request, 'target_id') ?? ''
  // Without a group the token would show everybody's events.
  if (group === '') throw new Refusal('query-invalid', { detail: '"group_id" must name a group.' })
  const actor = readOne(request, 'actor_id') ?? ''
  const isAdmin = readOne(request, 'is_admin') === 'true'
  const terms = [
    retracedTerm,
    fieldTerm('context.group.id', group),
    ...(target === '' ? [] : [fieldTerm('targets.id', target)]),
  ]
  const name = `${actor || 'viewer'}${isAdmin ? ' (administrator)' : ''}`
  const { token } = await viewerTokens.create(callerOf(request), {
    filter: formatQuery({ terms }),
    ttl: tokenSeconds,
    name: name.slice(0, limits.displayNameCharsMax).toWellFormed(),
    export: principalOf(request).scopes.includes('export'),
  })
  return { token }
}
