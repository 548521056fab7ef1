import { defaultTenant, everyTenant } from '@indelible/protocol'
import { Refusal } from '../base/refusal.ts'
import { isTenantName } from '../base/tenant-name.ts'
import { assertCovers, covers, type Principal } from './principal.ts'

/** Names that begin with `_` are ours: they are read, never written to, whatever the grant. */
export function isReserved(tenant: string): boolean {
  return tenant.startsWith('_')
}

/**
 * The tenant an event goes to: the named one, or the caller's only one, or `default`.
 * @throws Refusal `scope-insufficient`; `event-invalid` where there is no default for this caller
 */
export function resolveWriteTenant(principal: Principal, named: string | undefined): string {
  const tenant = named ?? findDefaultTenant(principal)
  if (tenant === undefined) {
    throw new Refusal('event-invalid', {
      detail: 'The credential covers several tenants: name one in "tenant".',
      errors: [{ pointer: '/tenant', detail: 'is required for this credential' }],
    })
  }
  if (isReserved(tenant)) {
    throw new Refusal('scope-insufficient', {
      detail: `The tenant "${tenant}" is Indelible's own; nobody can submit events to it.`,
    })
  }
  assertCovers(principal, tenant)
  return tenant
}

/**
 * The tenants a read spans: the named one; for `*` every existing one of the grant, ours left out;
 * for none the caller's only one, or `default`.
 * @param named the `tenant` parameter as parsed: an array where it was repeated
 * @param existing tenants that have a log, in the order in which they are to be answered
 * @throws Refusal `query-invalid` `scope-insufficient`; `request-invalid` where there is no default
 */
export function resolveReadTenants(
  principal: Principal,
  named: string | readonly string[] | undefined,
  existing: readonly string[],
): string[] {
  if (named !== undefined && typeof named !== 'string') {
    throw new Refusal('query-invalid', {
      detail: 'The parameter "tenant" can be given once; "*" spans every granted tenant.',
    })
  }
  if (named === everyTenant) {
    return existing.filter((tenant) => !isReserved(tenant) && covers(principal, tenant))
  }
  const tenant = named ?? findDefaultTenant(principal)
  if (tenant === undefined) {
    throw new Refusal('request-invalid', {
      detail:
        'The credential covers several tenants: name one with the parameter "tenant", or "*".',
      errors: [{ pointer: '/tenant', detail: 'is required for this credential' }],
    })
  }
  if (!isTenantName(tenant)) {
    throw new Refusal('query-invalid', { detail: 'The parameter "tenant" is not a tenant name.' })
  }
  assertCovers(principal, tenant)
  return [tenant]
}

function findDefaultTenant(principal: Principal): string | undefined {
  const [only, ...others] = principal.tenants
  if (only !== undefined && only !== everyTenant && others.length === 0) return only
  return covers(principal, defaultTenant) ? defaultTenant : undefined
}
