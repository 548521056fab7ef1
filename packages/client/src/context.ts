import { ClientError } from './error.ts'
import type { Actor, AuditEvent, EventContext } from './event.ts'

/**
 * Who acts, for whom and from where, for all code that a request leads to. Plain data: it can be
 * put into a job (`context()`), and taken up by the worker (`run`).
 */
export interface AuditContext {
  readonly actor?: Actor
  readonly tenant?: string
  readonly context?: EventContext
  /** W3C Trace Context: its trace id becomes `context.trace`, unless that is given. */
  readonly traceparent?: string
}

/** The context of the code that runs. */
export interface ContextKeeper {
  /**
   * Runs `fn`, and whatever it starts, in this context laid over the present one. A function is
   * called whenever something is recorded: who acts is often known only after authentication.
   */
  run<Result>(context: AuditContext | (() => AuditContext), fn: () => Result): Result
  /** The same function, which runs in the present context whoever calls it, and whenever. */
  bind<This, Args extends unknown[], Result>(
    fn: (this: This, ...args: Args) => Result,
  ): (this: This, ...args: Args) => Result
  /** The present context; undefined outside of any. */
  current(): AuditContext | undefined
}

const traceparentPattern = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(?:$|-)/

/** The trace id of a `traceparent` (W3C Trace Context §3.2); undefined where it is none. */
export function parseTraceparent(traceparent: string): string | undefined {
  const [, trace] = traceparentPattern.exec(traceparent) ?? []
  const isValid = trace !== undefined && !/^0+$/.test(trace) && !traceparent.startsWith('ff')
  return isValid ? trace : undefined
}

function layOver(below: AuditContext | undefined, above: AuditContext): AuditContext {
  const trace = above.traceparent === undefined ? undefined : parseTraceparent(above.traceparent)
  const context = {
    ...below?.context,
    ...(trace === undefined ? {} : { trace }),
    ...above.context,
  }
  return { ...below, ...above, context }
}

/** A context on top of the one that it was run in. */
interface Frame {
  readonly context: AuditContext | (() => AuditContext)
  readonly below: Frame | undefined
}

function read(frame: Frame | undefined): AuditContext | undefined {
  if (frame === undefined) return undefined
  const { context, below } = frame
  return layOver(read(below), typeof context === 'function' ? context() : context)
}

/** What the event leaves out is the context's; its own members win, one by one in `context`. */
export function fillFromContext(event: AuditEvent, present: AuditContext | undefined): AuditEvent {
  if (present === undefined) return event
  const { actor, tenant } = present
  const context = { ...present.context, ...event.context }
  return {
    ...event,
    ...(event.actor === undefined && actor !== undefined ? { actor } : {}),
    ...(event.tenant === undefined && tenant !== undefined ? { tenant } : {}),
    ...(Object.keys(context).length === 0 ? {} : { context }),
  }
}

/** Carried by AsyncLocalStorage; where the runtime has none, `run` and `bind` say so. */
export function createContextKeeper(): ContextKeeper {
  const hooks = globalThis.process?.getBuiltinModule?.('node:async_hooks')
  if (hooks === undefined) return refusingKeeper
  const storage = new hooks.AsyncLocalStorage<Frame | undefined>()
  return {
    run(context, fn) {
      const below = storage.getStore()
      // Laid over itself it would be the same; a request comes by here again after each wait.
      return below?.context === context ? fn() : storage.run({ context, below }, fn)
    },
    bind(fn) {
      const present = storage.getStore()
      return function bound(...args) {
        return storage.run(present, () => fn.apply(this, args))
      }
    },
    current: () => read(storage.getStore()),
  }
}

function refuse(): never {
  const why = 'This runtime has no AsyncLocalStorage: give each event its actor.'
  throw new ClientError('context-unavailable', why)
}
/** A context that follows half of the code would give events to the wrong person. */
const refusingKeeper: ContextKeeper = { run: refuse, bind: refuse, current: () => undefined }
