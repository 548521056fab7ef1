import { everyTenant, type Fault, limits, type Scope, systemTenant } from '@indelible/protocol'
import { Refusal } from '../base/refusal.ts'
import { isTenantName } from '../base/tenant-name.ts'
import { assertScope, covers, type Principal } from './principal.ts'
import { isReserved } from './resolve-tenants.ts'

/** What is given to a key or a user. */
export interface Grant {
  readonly scopes: readonly Scope[]
  readonly tenants: readonly string[]
}

/** True where everything the grant reaches is within the principal's own reach. */
export function holds(principal: Principal, grant: Grant): boolean {
  return (
    grant.scopes.every((scope) => principal.scopes.includes(scope)) &&
    reaches(principal, grant.tenants)
  )
}

/** The tenants' half of `holds`: what may be seen and revoked. */
export function reaches(principal: Principal, tenants: readonly string[]): boolean {
  return tenants.every((tenant) =>
    tenant === everyTenant
      ? principal.kind === 'root' || principal.tenants.includes(everyTenant)
      : covers(principal, tenant),
  )
}

/**
 * Nobody grants more than they hold.
 * @throws Refusal `scope-insufficient`
 */
export function assertMayGrant(principal: Principal, grant: Grant): void {
  assertScope(principal, 'admin')
  if (holds(principal, grant)) return
  throw new Refusal('scope-insufficient', {
    detail: 'Nobody can grant scopes or tenants that their own credential does not have.',
  })
}

/** Faults of the tenants of a grant: names, `*` or `_system`, each once. */
export function findTenantFaults(tenants: readonly string[]): Fault[] {
  if (tenants.length === 0) return [{ pointer: '/tenants', detail: 'must name a tenant, or "*"' }]
  if (tenants.length > limits.grantTenantsMax) {
    return [{ pointer: '/tenants', detail: `may name ${limits.grantTenantsMax} tenants at most` }]
  }
  return tenants.flatMap((tenant, position) => {
    const pointer = `/tenants/${position}`
    if (tenants.indexOf(tenant) !== position) return [{ pointer, detail: 'is named twice' }]
    if (tenant === everyTenant || tenant === systemTenant) return []
    if (isTenantName(tenant) && !isReserved(tenant)) return []
    return [{ pointer, detail: 'is not a tenant name, "*" or "_system"' }]
  })
}

/** @throws Refusal `request-invalid` with the faults, if there are any */
export function assertNoFaults(faults: readonly (Fault | undefined)[]): void {
  const errors = faults.filter((fault) => fault !== undefined)
  if (errors.length > 0) {
    throw new Refusal('request-invalid', { detail: 'The request is not valid.', errors })
  }
}

/** @returns the refusal for what is not there, or not within the caller's reach: the same words */
export function refuseUnknown(what: string): Refusal {
  return new Refusal('resource-unknown', { detail: `There is no such ${what}.` })
}
