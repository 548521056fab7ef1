import { defaultTenant, everyTenant, type Scope } from '@indelible/protocol'

/**
 * Who may see what, as one would say it to a person: no index, no cursor, no store. What the
 * service answers is held against it.
 */

/** An entry, as far as the model needs to know it. */
export interface Known {
  readonly tenant: string
  readonly id: string
  /** Stands in the entry, in several places, and nowhere else: where it is read, this was read. */
  readonly canary: string
  readonly action: string
  readonly actor: string
  readonly plan: string
  readonly dialect: 'own' | 'flat' | 'retraced'
}

/** What is asked for, or what a viewer token lets through: as text, and what it means. */
export interface Filter {
  /** In the grammar of searches. */
  readonly text: string
  readonly test: (entry: Known) => boolean
}

export const everything: Filter = { text: '', test: () => true }

export interface Grant {
  readonly name: string
  readonly kind: 'root' | 'key' | 'user' | 'viewer' | 'access'
  readonly authorization: string
  readonly scopes: readonly Scope[]
  readonly tenants: readonly string[]
  readonly filter: Filter
}

export function covers({ kind, tenants }: Grant, tenant: string): boolean {
  if (kind === 'root' || tenants.includes(tenant)) return true
  return tenants.includes(everyTenant) && !tenant.startsWith('_')
}

/** The tenants that a read with this parameter is of; or the status it is refused with. */
export function resolve(
  grant: Grant,
  named: string | undefined,
  all: readonly string[],
): readonly string[] | number {
  if (named === everyTenant) return all.filter((tenant) => covers(grant, tenant))
  if (named !== undefined) return covers(grant, named) ? [named] : 403
  const [only, second] = grant.tenants
  if (only !== undefined && second === undefined && only !== everyTenant) return [only]
  return covers(grant, defaultTenant) ? [defaultTenant] : 422
}

/** What the grant may see of these tenants. */
export const listVisible = (
  grant: Grant,
  tenants: readonly string[],
  entries: readonly Known[],
): Known[] =>
  entries.filter(
    (entry) =>
      tenants.includes(entry.tenant) && covers(grant, entry.tenant) && grant.filter.test(entry),
  )
