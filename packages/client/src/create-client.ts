import { type AppendOptions, createAppends } from './appends.ts'
import type { Catalogue, ChangeOf, EventOf } from './catalogue.ts'
import { type Change, describeChange } from './changes/describe-change.ts'
import { type AuditContext, type ContextKeeper, createContextKeeper } from './context.ts'
import { drainOnSigterm } from './drain.ts'
import { ClientError } from './error.ts'
import type { AuditEvent, Head } from './event.ts'
import { guard } from './hooks.ts'
import { createHttp } from './http.ts'
import * as limits from './limits.ts'
import type { ClientOptions, ClientStats, Closed } from './options.ts'
import {
  actorMissing,
  createPreparation,
  type PreparedEvent,
  recordWhole,
  stringify,
  type WholeEvent,
  type WholeRecorder,
} from './prepare.ts'
import { createReads, type Reads } from './reads.ts'
import { createRecorder } from './recorder.ts'
import { createBackoff, retry } from './retry.ts'
import { assertOptions } from './settings.ts'

/**
 * An application's audit trail. `Actions` are its declared actions, `Recorded` what `record` answers:
 * nothing, or, where `onFull` is `block`, a promise that waits for room.
 */
export interface Client<Actions extends object = Catalogue, Recorded = void>
  extends Reads,
    AsyncDisposable {
  /**
   * Resolves once the event is durable in its log: fsynced, at the index that the head names.
   * @throws ClientError when it is refused, or not acknowledged in time; with its `eventId`
   */
  append(event: EventOf<Actions>, options?: AppendOptions): Promise<Head>
  /**
   * The same for several, in one request: all of them or none. Heads in the events' order.
   * @throws ClientError whose `errors` point at the faulty ones: `/3/actor`
   */
  appendAll(events: readonly EventOf<Actions>[], options?: AppendOptions): Promise<readonly Head[]>
  /**
   * Takes the event at once and delivers it in the background. With a spool it is in the file before
   * this returns.
   * @throws ClientError `queue-full` or `spool-failed`, unless `onFull` says otherwise;
   * `client-closed`; `event-invalid` for what can't be JSON
   */
  record(event: EventOf<Actions>): Recorded
  /**
   * Records what a change changed: `changes` holds the state before and after, `data.patch` the
   * difference (JSON Patch, RFC 6902). Throws, or waits, as `record` does.
   */
  change(change: ChangeOf<Actions>): Recorded
  /** The event as `record` would send it: with its id, its time and the present context. */
  prepare(event: EventOf<Actions>): PreparedEvent
  /** Resolves when all that was recorded before is delivered, or kept aside as refused. */
  flush(): Promise<void>
  /** Delivers what there is, for at most `closeTimeoutMs`, and says what stayed. */
  close(): Promise<Closed>
  /** Runs `fn`, and whatever it starts, in this context. */
  run: ContextKeeper['run']
  /** A function that runs in the present context, whoever calls it: a job, a listener. */
  bind: ContextKeeper['bind']
  /** The present context, as plain data: to put into a job, and to `run` there. */
  context(): AuditContext | undefined
  stats(): ClientStats
}

/**
 * Makes a client. One for each process is meant: it holds a queue, and a spool if you name one.
 * @throws ClientError `settings-invalid`, `spool-in-use`, `spool-failed`
 */
export function createClient<Actions extends object = Catalogue>(
  options: ClientOptions & { readonly onFull: 'block' },
): Client<Actions, Promise<void>>
export function createClient<Actions extends object = Catalogue>(
  options: ClientOptions,
): Client<Actions>
export function createClient(
  options: ClientOptions,
): Client<Catalogue, void | Promise<void>> & WholeRecorder {
  assertOptions(options)
  const { clock = Date.now, random = Math.random, requestTimeoutMs, appendTimeoutMs } = options
  const http = createHttp({
    url: options.url,
    key: options.key,
    fetch: options.fetch,
    clock,
    requestTimeoutMs: requestTimeoutMs ?? limits.requestTimeoutMs,
  })
  // Of an append, or a read: without a hook its caller is told, at the end.
  const onRetry = guard((error: ClientError, retryInMs: number) =>
    options.onError?.(error, { retryInMs }),
  )
  const timeoutMs = appendTimeoutMs ?? limits.appendTimeoutMs
  const ask = <T>(attempt: () => Promise<T>, signal?: AbortSignal): Promise<T> =>
    retry({ clock, random, timeoutMs, signal, onRetry }, attempt)
  const keeper = createContextKeeper()
  const recorder = createRecorder({ ...options, http, clock, random })
  const prepare = createPreparation(options, clock, keeper)
  let closing: Promise<Closed> | undefined
  const appends = createAppends({ http, ask, prepare, assertOpen: () => assertOpen(closing) })

  function take(event: AuditEvent): Promise<void> | undefined {
    assertOpen(closing)
    const submitted = prepare.recorded(event)
    const json = stringify(submitted)
    if (submitted.actor !== undefined) return recorder.record(submitted, json)
    recorder.reject(json, actorMissing(submitted.id))
    return undefined
  }
  function takeWhole(event: WholeEvent): Promise<void> | undefined {
    assertOpen(closing)
    const submitted = prepare.whole(event)
    return recorder.record(submitted, stringify(submitted))
  }
  // Where it can wait it is asynchronous in all it does, its refusals included.
  const record =
    options.onFull === 'block'
      ? async (describe: () => AuditEvent) => take(describe())
      : (describe: () => AuditEvent): void => void take(describe())

  const close = (): Promise<Closed> => {
    closing ??= recorder.close().finally(unlisten)
    return closing
  }
  const unlisten =
    options.drainOnSigterm === false
      ? () => undefined
      : drainOnSigterm({ hurry: recorder.hurry, close })
  return {
    append: appends.append,
    appendAll: appends.appendAll,
    record: (event: AuditEvent) => record(() => event),
    change: (change: Change) => record(() => describeChange(change)),
    prepare: prepare.recorded,
    flush: recorder.flush,
    close,
    run: keeper.run,
    bind: keeper.bind,
    context: keeper.current,
    [recordWhole]: () => (keeper.current() === undefined ? takeWhole : undefined),
    stats: () => ({ ...recorder.stats(), appended: appends.appended }),
    ...createReads({
      http,
      ask,
      tenant: options.tenant,
      createBackoff: () => createBackoff({ random }),
      onRetry,
    }),
    async [Symbol.asyncDispose]() {
      await close()
    },
  }
}

function assertOpen(closing: unknown): void {
  if (closing === undefined) return
  throw new ClientError('client-closed', 'The client is closed; it takes no more events.')
}
