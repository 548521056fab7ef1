import type { AuditContext, ContextKeeper } from '../context.ts'
import { type ClientError, toClientError } from '../error.ts'
import type { Actor, AuditEvent, Head, Outcome } from '../event.ts'
import { actionCharsMax } from '../limits.ts'
import { recordWhole, type WholeEvent, type WholeRecorder } from '../prepare.ts'
import type { Asked, Describer } from './describe.ts'
import type { Faults } from './faults.ts'
import type { RouteOptions, TrailOptions } from './options.ts'
import { clip } from './plain.ts'

/** What the trail needs of a client. */
export interface TrailClient extends WholeRecorder {
  append(event: AuditEvent, options?: { readonly signal?: AbortSignal }): Promise<Head>
  record(event: AuditEvent): void | Promise<void>
  run: ContextKeeper['run']
  bind: ContextKeeper['bind']
}

/** How a response ended. */
export interface Ending {
  /** Undefined where none was sent. */
  readonly status: number | undefined
  /** False if the caller went away before it had all of it. */
  readonly isComplete: boolean
}

/** One request on its way through the application. */
export interface Exchange<Request> {
  /** Runs what comes next so that whatever it records has this request's actor and context. */
  run<Result>(next: () => Result): Result
  /** Must what is done be on record first, as far as is known by now? */
  readonly isRequired: boolean
  /** Says otherwise for the route that was found. */
  override(options: RouteOptions<Request>): void
  /**
   * Puts it on record that the action is about to be done; once, however often it is asked.
   * @returns why that could not be done: then the request must go no further
   */
  attempt(): Promise<ClientError | undefined>
  /** The response has ended: records the request. It never throws. */
  end(ending: Ending): void
}

interface Parts<Request> {
  readonly client: TrailClient
  readonly describer: Describer<Request>
  readonly faults: Faults
}

const requiredTimeoutMsDefault = 5_000

/** The exchange of any framework. */
export class RequestExchange<Request> implements Exchange<Request>, Asked<Request> {
  readonly request: Request
  readonly startedAt = Date.now()
  options: TrailOptions<Request>
  knownActor: Actor | undefined
  readonly #parts: Parts<Request>
  readonly #began = performance.now()
  readonly #record: (event: WholeEvent) => void | Promise<void>
  readonly #context: () => AuditContext
  #requestId: string | undefined
  #attempt: Promise<ClientError | undefined> | undefined
  #hasEnded = false

  constructor(parts: Parts<Request>, options: TrailOptions<Request>, request: Request) {
    this.request = request
    this.options = options
    this.#parts = parts
    // A response can end in the context of another request, of which it must take nothing: the one
    // before it on its connection, if the caller sent both without waiting (RFC 9112 §9.3.2).
    const { client, describer } = parts
    // By a name: V8 allocates a function that is written where it is assigned to a member as one that
    // lives long, and whatever it reaches with it. That was half of what a trail cost.
    const context = () => describer.context(this)
    this.#context = context
    this.#record = client[recordWhole]?.() ?? client.bind(client.record)
  }

  get requestId(): string {
    this.#requestId ??= this.#parts.describer.nameRequest(this.request, this.options)
    return this.#requestId
  }

  run<Result>(next: () => Result): Result {
    return this.#parts.client.run(this.#context, next)
  }

  get isRequired(): boolean {
    const { required = false } = this.options
    if (typeof required === 'boolean') return required
    // Where it can't be told, it is.
    return this.#parts.faults.ask(() => required(this.request), Boolean) ?? true
  }

  override(options: RouteOptions<Request>): void {
    this.options = { ...this.options, ...options }
  }

  attempt(): Promise<ClientError | undefined> {
    this.#attempt ??= this.#appendAttempt()
    return this.#attempt
  }

  end({ status, isComplete }: Ending): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    const { describer, faults } = this.#parts
    try {
      if (this.#isSkipped) return
      const duration = Math.round(performance.now() - this.#began)
      const event = describer.event(this, {
        outcome: isComplete ? outcomeOf(status) : 'unknown',
        data: { status, ...(isComplete ? {} : { aborted: true }), duration },
      })
      // Where it waits for room (`onFull: 'block'`), the response has not waited for it.
      this.#record(event)?.catch(faults.tell)
    } catch (fault) {
      faults.tell(fault)
    }
  }

  async #appendAttempt(): Promise<ClientError | undefined> {
    const { client, describer, faults } = this.#parts
    const { requiredTimeoutMs = requiredTimeoutMsDefault } = this.options
    try {
      const event = describer.event(this, { outcome: 'unknown', data: {} })
      const action = `${clip(event.action, actionCharsMax - '.attempted'.length)}.attempted`
      const signal = AbortSignal.timeout(requiredTimeoutMs)
      await client.append({ ...event, action }, { signal })
      return undefined
    } catch (fault) {
      faults.tell(fault)
      return toClientError(fault)
    }
  }

  get #isSkipped(): boolean {
    const { skip = false } = this.options
    if (typeof skip === 'boolean') return skip
    return this.#parts.faults.ask(() => skip(this.request), Boolean) ?? false
  }
}

function outcomeOf(status: number | undefined): Outcome {
  if (status === undefined) return 'unknown'
  if (status === 401 || status === 403) return 'denied'
  return status < 400 ? 'success' : 'failure'
}
