import { TenantName } from '@indelible/protocol/schema'
import { Compile } from 'typebox/compile'

const tenantName = Compile(TenantName)

/** True for a name the protocol allows, ours (`_…`) included. Exact: no folding, no trimming. */
export function isTenantName(value: unknown): value is string {
  return tenantName.Check(value)
}
