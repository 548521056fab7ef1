import { hash } from 'node:crypto'
import { everyTenant } from '@indelible/protocol'
import type { FastifyRequest } from 'fastify'
import { covers, type Principal } from '../../../admin/principal.ts'
import { isReserved } from '../../../admin/resolve-tenants.ts'
import type { Schemas } from '../../../admin/schemas.ts'
import { formatTime } from '../../../base/clock.ts'
import { Refusal } from '../../../base/refusal.ts'
import {
  addVersion,
  readVersions,
  readWorkosSchema,
  translateSchemaPointer,
  type WorkosSchema,
  type WorkosVersion,
} from '../../../intake/dialects/workos-schema.ts'
import { callerOf, principalOf } from '../../authenticate.ts'
import { readChoice } from '../../read-request.ts'
import type { DialectParts, DialectScope } from '../dialect.ts'
import { readIdempotencyKey } from '../idempotency-key.ts'

type Parts = DialectParts & { readonly schemas: Schemas }

/** `/audit_logs/actions/:action/schemas`; clients before version 9 write the action as it is. */
const path = '/audit_logs/actions/*'

export function registerWorkosSchemas({ scope, route, readJson }: DialectScope, parts: Parts) {
  scope.post(path, route, async (request, reply) => {
    const action = readAction(request)
    const added = readWorkosSchema(await readJson(request))
    let made: WorkosVersion | undefined
    for (const tenant of listTenants(principalOf(request))) {
      const version = await setVersion(request, { tenant, action, added }, parts)
      made ??= version
    }
    return reply.code(201).send(made === undefined ? {} : describeVersion(made))
  })
  scope.get(path, route, async (request) => {
    const action = readAction(request)
    const order = readChoice(request, 'order', ['asc', 'desc']) ?? 'desc'
    const [tenant = everyTenant] = listTenants(principalOf(request))
    const { schema } = parts.schemas.read(callerOf(request), tenant, action)
    const versions = [...(readVersions(schema) ?? [])]
    if (order === 'desc') versions.reverse()
    // All there are: they fit into one schema.
    const list_metadata = { before: null, after: null }
    return { object: 'list', data: versions.map(describeVersion), list_metadata }
  })
}

function readAction(request: FastifyRequest): string {
  const { '*': rest } = request.params as { '*': string } // of the path
  const action = /^(.+)\/schemas$/s.exec(rest)?.[1]
  if (action !== undefined) return action
  throw new Refusal('route-unknown', { detail: 'There is no such route.' })
}

/** Theirs hold for every organization; so do ours, as far as the key reaches. */
function listTenants(principal: Principal): readonly string[] {
  if (covers(principal, everyTenant)) return [everyTenant]
  const own = principal.tenants.filter((tenant) => !isReserved(tenant))
  // Refused, as it isn't covered: nothing set must not be answered as if it were.
  return own.length === 0 ? [everyTenant] : own
}

async function setVersion(
  request: FastifyRequest,
  { tenant, action, added }: { tenant: string; action: string; added: WorkosSchema },
  { schemas, clock }: Parts,
): Promise<WorkosVersion | undefined> {
  const sent = readIdempotencyKey(request)
  const key = sent === undefined ? undefined : hash('sha256', sent)
  const stamp = { created_at: formatTime(clock()), ...(key === undefined ? {} : { key }) }
  const isRepeat = (one: WorkosVersion) => key !== undefined && one.key === key
  const { schema } = await schemas
    .revise(callerOf(request), tenant, action, (before) => {
      const versions = before === undefined ? [] : readVersions(before)
      if (versions === undefined) throw refuseForeign(action)
      return versions.some(isRepeat) ? before : addVersion(versions, added, stamp)
    })
    .catch((error) => {
      throw translate(error)
    })
  const versions = readVersions(schema) ?? []
  return versions.find(isRepeat) ?? versions.at(-1)
}

const refuseForeign = (action: string): Refusal =>
  new Refusal('resource-conflict', {
    detail: `An administrator holds "${action}" to a schema of their own: it has to be removed first.`,
  })

/** Its faults are those of what we made of it. */
function translate(error: unknown): unknown {
  if (!(error instanceof Refusal) || error.errors === undefined) return error
  const errors = error.errors.map(({ pointer, detail }) => ({
    ...{ pointer: translateSchemaPointer(pointer), detail },
  }))
  return new Refusal(error.code, { detail: error.message, errors })
}

const describeVersion = ({ version, targets, actor, metadata, created_at }: WorkosVersion) => ({
  ...{ object: 'audit_log_schema', version, targets },
  ...(actor === undefined ? {} : { actor }),
  ...(metadata === undefined ? {} : { metadata }),
  created_at,
})
