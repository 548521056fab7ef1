import { isIP } from 'node:net'
import { createFaultList } from '../../base/fault-list.ts'
import { dropAbsent, isObject, type JsonObject, membersOf } from '../../base/json-object.ts'
import { isTenantName } from '../../base/tenant-name.ts'
import { toEventId } from './event-id.ts'
import type { PointerTable, Translation } from './translation.ts'

const table: PointerTable = [
  ['/context/ip', '/event/context/location'],
  ['/context/agent', '/event/context/user_agent'],
  ['/context', '/event/context'],
  ['/time', '/event/occurred_at'],
  ['/tenant', '/organization_id'],
  ['/data', '/event'],
  ['/action', '/event/action'],
  ['/actor', '/event/actor'],
  ['/targets', '/event/targets'],
]

/**
 * An event as WorkOS's clients send it: `{ event, organization_id }`.
 * @param key The header `Idempotency-Key`, which is the same whenever the client tries again.
 * @throws Refusal `event-invalid`
 */
export function translateWorkos(body: unknown, key: string | undefined): Translation {
  const faults = createFaultList()
  const { event, organization_id: tenant, ...beside } = membersOf(body)
  if (!isTenantName(tenant)) faults.add('/organization_id', organizationFault)
  if (!isObject(event)) faults.add('/event', 'Must be an object.')
  const { action, occurred_at, actor, targets, context, ...rest } = membersOf(event)
  if (!isObject(context ?? {})) faults.add('/event/context', 'Must be an object.')
  const { location, user_agent, ...more } = membersOf(context)
  if (typeof (location ?? '') !== 'string') {
    faults.add('/event/context/location', 'Must be a text.')
  }
  if (!Number.isSafeInteger(rest.version ?? 1)) {
    faults.add('/event/version', 'Must be a whole number.')
  }
  faults.assertEmpty()
  const data = { ...beside, ...rest }
  const draft = dropAbsent({
    ...{ action, actor, tenant, targets, time: occurred_at },
    id: key === undefined ? undefined : toEventId(key),
    data: Object.keys(data).length === 0 ? undefined : data,
    context: {
      ...more,
      ...readLocation(location),
      ...(user_agent === undefined ? {} : { agent: user_agent }),
    },
  })
  return { events: [draft], tableOf: () => table }
}

/** What is wrong with an organization that can be no tenant. */
export const organizationFault =
  'An organization is a tenant here: up to 128 letters, digits, ".", "_" and "-", a letter or digit first.'

/** Any text; the documentation of WorkOS has an address. */
function readLocation(location: unknown): JsonObject {
  if (location === undefined || location === null) return {}
  return isIP(String(location)) === 0 ? { location } : { ip: location }
}
