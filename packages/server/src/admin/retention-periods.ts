import type { Fault } from '@indelible/protocol'
import { isTenantName } from '../base/tenant-name.ts'
import { attribute, type Caller } from './caller.ts'
import type { Directory } from './directory.ts'
import { assertNoFaults } from './grants.ts'
import { assertCovers, assertScope } from './principal.ts'
import { put } from './records.ts'
import { isReserved } from './resolve-tenants.ts'

export type RetentionPeriods = ReturnType<typeof createRetentionPeriods>

const formatId = (tenant: string): string => `retention:${tenant}`

/**
 * For how long a tenant's events are to be kept, in days. It is only written down: nothing expires
 * by it.
 */
export function createRetentionPeriods({ directory }: { readonly directory: Directory }) {
  return {
    /** @returns days, or undefined where nobody has set them @throws Refusal `scope-insufficient` */
    read({ principal }: Caller, tenant: string): number | undefined {
      assertScope(principal, 'read')
      assertCovers(principal, tenant)
      const days = directory.setting(formatId(tenant))?.value
      return days === undefined ? undefined : Number(days)
    },
    /** @throws Refusal `scope-insufficient` `request-invalid` `pushback` */
    async set(caller: Caller, tenant: string, days: number): Promise<void> {
      assertScope(caller.principal, 'admin')
      assertCovers(caller.principal, tenant)
      assertNoFaults([findTenantFault(tenant)])
      const id = formatId(tenant)
      await directory.administer(() => {
        const before = directory.setting(id)?.value
        return {
          changes: [put('setting', id, { id, value: days })],
          record: {
            action: 'retention.changed',
            ...attribute(caller),
            targets: [{ type: 'tenant', id: tenant }],
            data: { ...(before === undefined ? {} : { before }), after: days },
          },
        }
      })
    },
  }
}

function findTenantFault(tenant: string): Fault | undefined {
  if (isTenantName(tenant) && !isReserved(tenant)) return undefined
  return { pointer: '', detail: 'is no tenant that events can be submitted to' }
}
