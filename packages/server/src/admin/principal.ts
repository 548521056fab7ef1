import { everyTenant, type Scope } from '@indelible/protocol'
import { Refusal } from '../base/refusal.ts'

/** Who is asking, and what they may do. Made by authentication alone. */
export interface Principal {
  readonly kind: 'root' | 'key' | 'user' | 'viewer' | 'access'
  /** Stable identity: key id, user name, or the signed token's id. Goes into `_system`. */
  readonly id: string
  readonly name: string
  readonly scopes: readonly Scope[]
  /** Tenants of the grant, or `['*']`: every tenant but `_…`, which must be named. */
  readonly tenants: readonly string[]
  /** Viewer tokens: a query that every read is narrowed by. */
  readonly filter?: string
  /** The credential ends then, Unix milliseconds. */
  readonly expires?: number
  /** The session's id, where the credential is one: what a log-out ends. */
  readonly session?: string
}

/** True where the grant names the tenant, or is `*` and the tenant is not one of ours. */
export function covers(principal: Principal, tenant: string): boolean {
  if (principal.tenants.includes(tenant)) return true
  if (principal.kind === 'root') return true
  return principal.tenants.includes(everyTenant) && !tenant.startsWith('_')
}

/** @throws Refusal `scope-insufficient` */
export function assertScope(principal: Principal, scope: Scope): void {
  if (principal.scopes.includes(scope)) return
  throw new Refusal('scope-insufficient', {
    detail: `This needs the scope "${scope}"; the credential has ${
      principal.scopes.map((held) => `"${held}"`).join(', ') || 'none'
    }.`,
  })
}

/** The same refusal whether the tenant exists or not: a grant must not be an oracle. */
export function assertCovers(principal: Principal, tenant: string): void {
  if (covers(principal, tenant)) return
  throw new Refusal('scope-insufficient', {
    detail: `The credential does not cover the tenant "${tenant}".`,
  })
}
