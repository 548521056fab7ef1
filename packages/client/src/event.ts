/**
 * What goes over the wire (v1), as the application sees it. Written out, not imported: a packed
 * client depends on nothing, its types included. A type test holds them to @indelible/protocol.
 */

export type Outcome = 'success' | 'failure' | 'denied' | 'unknown'

/** Somebody or something, by type and id. */
export interface Reference {
  /** Default: `user`, for an actor. */
  readonly type?: string
  readonly id: string
  readonly name?: string
}

/** Who did it. More members are allowed. */
export interface Actor extends Reference {
  /** For whom: impersonation, or an agent acting for a person. */
  readonly behalf?: readonly Reference[]
  /** Through which key, session, job or tool. */
  readonly via?: Reference
  readonly [member: string]: unknown
}

/** On what. More members are allowed. */
export interface Target extends Reference {
  readonly [member: string]: unknown
}

/** From where. More members are allowed. */
export interface EventContext {
  readonly ip?: string
  readonly agent?: string
  readonly request?: string
  readonly session?: string
  readonly trace?: string
  readonly method?: string
  readonly path?: string
  readonly [member: string]: unknown
}

/** State before and after. */
export interface Changes {
  readonly before?: Readonly<Record<string, unknown>> | null
  readonly after?: Readonly<Record<string, unknown>> | null
}

/** An event as the application submits it. Only the action must be given everywhere. */
export interface AuditEvent {
  /** What was done, dotted: `invoice.paid`. */
  readonly action: string
  /** Who. Left out: the actor of the context (`run`). */
  readonly actor?: Actor
  readonly targets?: readonly Target[]
  /** RFC 3339. Left out: the time of `record`, or, for `append`, of the service. */
  readonly time?: string
  /** Whose log. Left out: that of the context, else of the client, else the key's. */
  readonly tenant?: string
  /** Idempotency key. Left out: a UUIDv7, set before the first try. */
  readonly id?: string
  readonly outcome?: Outcome
  /** Which service says so. Left out: the client's. */
  readonly source?: string
  /** Its members win over those of the context. */
  readonly context?: EventContext
  readonly changes?: Changes
  readonly data?: Readonly<Record<string, unknown>>
}

/** What an append answers: the event's place in its log. */
export interface Head {
  readonly id: string
  readonly tenant: string
  readonly index: number
  /** RFC 3339 with milliseconds. */
  readonly received: string
  /** Leaf hash, hex. */
  readonly hash: string
  /** The same event was kept before; this is its head. */
  readonly duplicate?: true
}

/** The event as kept: defaults filled, redacted. */
export interface KeptEvent extends Omit<AuditEvent, 'id' | 'outcome' | 'tenant' | 'time'> {
  readonly id: string
  readonly outcome: Outcome
  readonly tenant: string
  readonly time: string
}

/** What every read returns: what the ledger says, beside exactly what was kept. */
export interface Entry {
  readonly tenant: string
  readonly index: number
  readonly type: string
  readonly received: string
  readonly hash: string
  readonly event: KeptEvent
  readonly erased?: readonly { readonly part: string; readonly by: number }[]
}

export interface EntryPage {
  readonly entries: readonly Entry[]
  /** Cursor of the next page; null at the end. */
  readonly next: string | null
}
