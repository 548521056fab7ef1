import type { SystemEvent } from '../ledger/system-event.ts'
import type { Principal } from './principal.ts'

/** Where a request came from, as `_system` keeps it. */
export interface RequestContext {
  /** The socket's address; never a header's word for it. */
  readonly ip: string
  readonly agent?: string
  /** Request id. */
  readonly request: string
}

/** Who administers, and from where. */
export interface Caller {
  readonly principal: Principal
  readonly context: RequestContext
}

/** The part of a `_system` record that says who did it and from where. */
export function attribute(caller: Caller): Pick<SystemEvent, 'actor' | 'context'> {
  const { kind, id, name } = caller.principal
  return { actor: { type: kind, id, name }, context: { ...caller.context } }
}

/** `key:<id>`, `user:<username>` …: who made a record, inside the record. */
export function formatMaker(principal: Principal): string {
  return `${principal.kind}:${principal.id}`
}
