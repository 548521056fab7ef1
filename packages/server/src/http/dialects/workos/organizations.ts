import type { FastifyRequest } from 'fastify'
import type { RetentionPeriods } from '../../../admin/retention-periods.ts'
import type { ViewerTokens } from '../../../admin/viewer-tokens.ts'
import { membersOf } from '../../../base/json-object.ts'
import { Refusal } from '../../../base/refusal.ts'
import { isTenantName } from '../../../base/tenant-name.ts'
import { organizationFault } from '../../../intake/dialects/workos.ts'
import { callerOf, principalOf } from '../../authenticate.ts'
import type { DialectParts, DialectScope } from '../dialect.ts'
import { formatOrigin } from './origin.ts'

type Parts = DialectParts & {
  readonly retentionPeriods: RetentionPeriods
  readonly viewerTokens: ViewerTokens
}

/** Retention, configuration, and the link that shows an organization its own events. */
export function registerWorkosOrganizations(dialect: DialectScope, parts: Parts): void {
  const { scope, route, readJson } = dialect
  const { retentionPeriods, viewerTokens } = parts
  const describeRetention = (request: FastifyRequest, tenant: string) => ({
    retention_period_in_days: retentionPeriods.read(callerOf(request), tenant) ?? null,
  })

  const retention = '/organizations/:id/audit_logs_retention'
  scope.get(retention, route, async (request) =>
    describeRetention(request, readOrganization(request)),
  )
  scope.put(retention, route, async (request) => {
    const tenant = readOrganization(request)
    const days = readPeriod(await readJson(request))
    await retentionPeriods.set(callerOf(request), tenant, days)
    return { retention_period_in_days: days }
  })
  scope.get('/organizations/:id/audit_log_configuration', route, async (request) => {
    const tenant = readOrganization(request)
    // Nothing has to be switched on before the first event.
    return { organization_id: tenant, ...describeRetention(request, tenant), state: 'active' }
  })
  scope.post('/portal/generate_link', route, async (request, reply) => {
    const tenant = readPortal(await readJson(request))
    const { token } = await viewerTokens.create(callerOf(request), {
      ...{ tenant, name: 'portal' },
      export: principalOf(request).scopes.includes('export'),
    })
    // What follows # is never sent to a server, so no log of one has it.
    return reply.code(201).send({ link: `${formatOrigin(request)}/embed#token=${token}` })
  })
}

function readOrganization(request: FastifyRequest): string {
  const { id } = request.params as { id: string } // of the path
  return assertOrganization(id, '')
}

function assertOrganization(name: unknown, pointer: string): string {
  if (isTenantName(name)) return name
  throw refuse(pointer, organizationFault)
}

const listPeriods = (unit: string, most: number, days: number) =>
  Array.from(
    { length: most },
    (_, n) => [`${n + 1}_${unit}${n === 0 ? '' : 'S'}`, (n + 1) * days] as const,
  )

/** Days of `1_MONTH` to `11_MONTHS`, `1_YEAR` to `10_YEARS`. */
const periods: ReadonlyMap<unknown, number> = new Map([
  ...listPeriods('MONTH', 11, 30),
  ...listPeriods('YEAR', 10, 365),
])

function readPeriod(body: unknown): number {
  const days = periods.get(membersOf(body).retention_period)
  if (days !== undefined) return days
  throw refuse('/retention_period', 'Must be 1_MONTH to 11_MONTHS, or 1_YEAR to 10_YEARS.')
}

function readPortal(body: unknown): string {
  const { intent, organization } = membersOf(body)
  if (intent !== 'audit_logs') {
    throw refuse('/intent', 'Must be "audit_logs": there is no other portal here.')
  }
  return assertOrganization(organization, '/organization')
}

const refuse = (pointer: string, detail: string): Refusal =>
  new Refusal('request-invalid', {
    detail: 'The request is not valid.',
    errors: [{ pointer, detail }],
  })
