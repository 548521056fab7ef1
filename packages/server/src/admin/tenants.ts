import type { TenantInfo } from '@indelible/protocol'
import { type Clock, formatTime } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import { isTenantName } from '../base/tenant-name.ts'
import { attribute, type Caller, formatMaker } from './caller.ts'
import type { Directory } from './directory.ts'
import { assertNoFaults } from './grants.ts'
import { assertCovers, assertScope, covers } from './principal.ts'
import { put } from './records.ts'
import { isReserved } from './resolve-tenants.ts'

export type Tenants = ReturnType<typeof createTenants>

/** Tenants: those that have a log, and making one ahead of its first event. */
export function createTenants(options: {
  readonly directory: Directory
  /** Every tenant that has a log. */
  readonly listLogs: () => Promise<readonly { readonly tenant: string }[]>
  readonly clock: Clock
}) {
  const { directory, listLogs, clock } = options
  return {
    /** Those the caller covers, by name; `_system` only where the grant names it. */
    async list(caller: Caller): Promise<TenantInfo[]> {
      const logs = await listLogs()
      return logs
        .map((log) => log.tenant)
        .filter((tenant) => covers(caller.principal, tenant))
        .sort()
        .map((tenant) => ({ tenant, name: directory.tenant(tenant)?.name ?? null }))
    },
    /**
     * Makes an empty log.
     * @throws Refusal `request-invalid` `scope-insufficient` `resource-conflict`
     */
    async create(
      caller: Caller,
      request: { readonly tenant: string; readonly name?: string },
    ): Promise<TenantInfo & { readonly created: string }> {
      const { tenant, name } = request
      assertScope(caller.principal, 'admin')
      assertNoFaults([
        isTenantName(tenant) && !isReserved(tenant)
          ? undefined
          : {
              pointer: '/tenant',
              detail:
                'must be up to 128 letters, digits, `.`, `_` and `-`, a letter or digit first',
            },
      ])
      assertCovers(caller.principal, tenant)
      const created = clock()
      const record = { tenant, created, createdBy: formatMaker(caller.principal) }
      await directory.administer(() => {
        if (directory.tenant(tenant) !== undefined) {
          throw new Refusal('resource-conflict', {
            detail: `The tenant "${tenant}" exists already.`,
          })
        }
        return {
          createsLog: tenant,
          changes: [put('tenant', tenant, name === undefined ? record : { ...record, name })],
          record: {
            action: 'tenant.created',
            ...attribute(caller),
            targets: [{ type: 'tenant', id: tenant, name: name ?? tenant }],
          },
        }
      })
      return { tenant, name: name ?? null, created: formatTime(created) }
    },
  }
}
