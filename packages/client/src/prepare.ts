import { type ContextKeeper, fillFromContext } from './context.ts'
import { ClientError } from './error.ts'
import type { Actor, AuditEvent } from './event.ts'
import type { ClientOptions } from './options.ts'
import { formatTime } from './time.ts'
import { createUuidV7 } from './uuid.ts'

/** An event with nothing left to be found out: every try to send it sends the same. */
export type PreparedEvent = AuditEvent & { readonly id: string; readonly time: string }

/** Fills what an event leaves out: its id before the first try, so that no retry doubles it. */
export interface Preparation {
  /** For an `append`: the service says when, if the event doesn't. */
  appended(event: AuditEvent): AuditEvent & { readonly id: string }
  /** For a `record`: now is when it happened, not when it is delivered. */
  recorded(event: AuditEvent): PreparedEvent
  /** For a `record` without a context. */
  whole(event: WholeEvent): PreparedEvent
}

/** An event that lacks only what the client is set to, and its id. */
export type WholeEvent = AuditEvent & { readonly actor: Actor; readonly time: string }

/**
 * How the middleware records: its events have their context, and what asking for it once more, and
 * merging, would cost is as much as all else. By a symbol, for it is no one else's.
 */
export const recordWhole: unique symbol = Symbol('indelible.recordWhole')
export interface WholeRecorder {
  /** @returns undefined where there is a context, of which an event must take what it lacks */
  readonly [recordWhole]?: () => ((event: WholeEvent) => void | Promise<void>) | undefined
}

export function createPreparation(
  { source, tenant }: ClientOptions,
  clock: () => number,
  keeper: ContextKeeper,
): Preparation {
  const appended = (event: AuditEvent) => {
    const filled = fillFromContext(event, keeper.current())
    return {
      ...filled,
      ...(filled.source === undefined && source !== undefined ? { source } : {}),
      ...(filled.tenant === undefined && tenant !== undefined ? { tenant } : {}),
      id: event.id ?? createUuidV7(clock()),
    }
  }
  const settings = {
    ...(source === undefined ? {} : { source }),
    ...(tenant === undefined ? {} : { tenant }),
  }
  return {
    appended,
    recorded: (event) => ({
      ...appended(event),
      time: event.time ?? formatTime(clock()),
    }),
    whole: (event) => ({ ...settings, ...event, id: createUuidV7(clock()) }),
  }
}

/** @throws ClientError `event-invalid` for what can't be JSON */
export function stringify(event: AuditEvent): string {
  try {
    return JSON.stringify(event)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new ClientError('event-invalid', `The event can't be JSON: ${why}`, { cause })
  }
}

export const actorMissing = (eventId: string): ClientError =>
  new ClientError('event-invalid', 'The event has no actor, and neither has its context.', {
    errors: [{ pointer: '/actor', detail: 'Required.' }],
    eventId,
  })
