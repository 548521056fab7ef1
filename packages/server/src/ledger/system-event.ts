import { systemTenant } from '@indelible/protocol'
import { formatTime } from '../base/clock.ts'
import { createUuidV7 } from '../base/ids.ts'
import type { AdmittedEvent } from '../store/store.ts'

/** What happened to Indelible itself; kept in the log of the tenant `_system`. */
export interface SystemEvent {
  /** For example `key.created`, `events.searched`, `log.created`. */
  readonly action: string
  readonly actor: { readonly type: string; readonly id: string; readonly name?: string }
  readonly targets?: readonly {
    readonly type: string
    readonly id: string
    readonly name?: string
  }[]
  readonly outcome?: 'success' | 'failure' | 'denied'
  readonly context?: Readonly<Record<string, unknown>>
  readonly data?: Readonly<Record<string, unknown>>
}

/** Serialises a system event the way the intake does (evidence A1). It is made by us, so valid. */
export function createSystemEvent(event: SystemEvent, now: number): AdmittedEvent {
  const id = createUuidV7(now)
  const core = JSON.stringify({
    action: event.action,
    id,
    outcome: event.outcome ?? 'success',
    source: 'indelible',
    tenant: systemTenant,
    time: formatTime(now),
  })
  const parts = {
    core,
    actor: JSON.stringify(event.actor),
    ...(event.targets === undefined ? {} : { targets: JSON.stringify(event.targets) }),
    ...(event.context === undefined ? {} : { context: JSON.stringify(event.context) }),
    ...(event.data === undefined ? {} : { data: JSON.stringify(event.data) }),
  }
  const bytes = Object.values(parts).reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  return { tenant: systemTenant, id, idStamped: true, timeStamped: true, parts, bytes }
}
