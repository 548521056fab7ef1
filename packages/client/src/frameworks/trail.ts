import { type AuditContext, type ContextKeeper, parseTraceparent } from '../context.ts'
import { type ClientError, toClientError } from '../error.ts'
import type { Actor, AuditEvent, EventContext, Head, Outcome, Target } from '../event.ts'
import { findAddress } from './address.ts'
import type { RequestReader, RouteOptions, TrailOptions } from './options.ts'
import { readPayload } from './payload.ts'
import { type MatchedRoute, matchRoute, nameAction } from './route.ts'

/** What the trail needs of a client. */
export interface TrailClient {
  append(event: AuditEvent, options?: { readonly signal?: AbortSignal }): Promise<Head>
  record(event: AuditEvent): void | Promise<void>
  run: ContextKeeper['run']
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

/** The trail of an application: an exchange for each request. */
export interface Trail<Request> {
  begin(request: Request): Exchange<Request>
}

const requiredTimeoutMsDefault = 5_000
const agentCharsMax = 512
const pathCharsMax = 2_048
const targetIdCharsMax = 2_048
const actionCharsMax = 200
/** Distinct messages of faults that are told; a message with a request's text in it must not flood. */
const faultsToldMax = 100
const requestIdPattern = /^[\w.:~@+=/-]{1,128}$/
const anonymous: Actor = { type: 'anonymous', id: 'anonymous' }

/** Makes the trail of an application whose framework `reader` reads. */
export function createTrail<Request>(
  client: TrailClient,
  options: TrailOptions<Request>,
  reader: RequestReader<Request>,
): Trail<Request> {
  const report = options.onFault ?? createReport()
  const onFault = (fault: unknown): void => {
    try {
      report(fault)
    } catch {
      // Whoever listens for faults must not become one.
    }
  }
  const parts = { client, reader, onFault }
  return { begin: (request) => new RequestExchange(parts, options, request) }
}

/** To stderr, each message once: a fault that comes with every request must not flood it. */
function createReport(): (fault: unknown) => void {
  const told = new Set<string>()
  return (fault) => {
    const message = String(fault)
    if (told.has(message) || told.size >= faultsToldMax) return
    told.add(message)
    console.error(`indelible: a request is not recorded as it should be. ${message}`)
  }
}

interface Parts<Request> {
  readonly client: TrailClient
  readonly reader: RequestReader<Request>
  readonly onFault: (fault: unknown) => void
}

class RequestExchange<Request> implements Exchange<Request> {
  readonly #parts: Parts<Request>
  readonly #request: Request
  readonly #startedAt = Date.now()
  readonly #began = performance.now()
  #options: TrailOptions<Request>
  #requestId: string | undefined
  #attempt: Promise<ClientError | undefined> | undefined
  #hasEnded = false

  constructor(parts: Parts<Request>, options: TrailOptions<Request>, request: Request) {
    this.#parts = parts
    this.#options = options
    this.#request = request
  }

  run<Result>(next: () => Result): Result {
    return this.#parts.client.run(() => this.#context(this.#route()), next)
  }

  get isRequired(): boolean {
    const { required = false } = this.#options
    if (typeof required === 'boolean') return required
    try {
      return required(this.#request)
    } catch (fault) {
      this.#parts.onFault(fault)
      return true
    }
  }

  override(options: RouteOptions<Request>): void {
    this.#options = { ...this.#options, ...options }
  }

  attempt(): Promise<ClientError | undefined> {
    this.#attempt ??= this.#appendAttempt()
    return this.#attempt
  }

  end({ status, isComplete }: Ending): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    try {
      if (this.#isSkipped()) return
      const duration = Math.round(performance.now() - this.#began)
      const event = this.#describe({
        outcome: isComplete ? outcomeOf(status) : 'unknown',
        data: { status, ...(isComplete ? {} : { aborted: true }), duration },
      })
      // Where it waits for room (`onFull: 'block'`), the response has not waited for it.
      this.#parts.client.record(event)?.catch(this.#parts.onFault)
    } catch (fault) {
      this.#parts.onFault(fault)
    }
  }

  async #appendAttempt(): Promise<ClientError | undefined> {
    const { requiredTimeoutMs = requiredTimeoutMsDefault } = this.#options
    try {
      const event = this.#describe({ outcome: 'unknown', data: {} })
      const action = `${event.action.slice(0, actionCharsMax - '.attempted'.length)}.attempted`
      const signal = AbortSignal.timeout(requiredTimeoutMs)
      await this.#parts.client.append({ ...event, action }, { signal })
      return undefined
    } catch (fault) {
      this.#parts.onFault(fault)
      return toClientError(fault)
    }
  }

  #describe(ended: { readonly outcome: Outcome; readonly data: object }): AuditEvent {
    const route = this.#route()
    const { payload = false } = this.#options
    const isKept = payload !== false && 'status' in ended.data
    const body = isKept
      ? this.#ask(() =>
          readPayload(
            this.#parts.reader.body(this.#request),
            typeof payload === 'object' ? payload : {},
          ),
        )
      : undefined
    const { actor = anonymous, ...present } = this.#context(route)
    return {
      ...present,
      actor,
      action: this.#nameAction(route),
      targets: this.#targets(route),
      outcome: ended.outcome,
      time: new Date(this.#startedAt).toISOString(),
      data: {
        ...this.#ask(() => this.#options.data?.(this.#request)),
        ...(route.endpoint === undefined ? {} : { endpoint: route.endpoint }),
        ...ended.data,
        ...(body === undefined ? {} : { payload: body }),
      },
    }
  }

  #route(): MatchedRoute {
    const { reader } = this.#parts
    const [path = ''] = reader.url(this.#request).split('?', 1)
    return matchRoute(reader.method(this.#request), path, reader.pattern(this.#request))
  }

  #context(route: MatchedRoute): AuditContext {
    const { reader } = this.#parts
    const agent = reader.header(this.#request, 'user-agent')?.slice(0, agentCharsMax)
    const traceparent = reader.header(this.#request, 'traceparent')
    const trace = traceparent === undefined ? undefined : parseTraceparent(traceparent)
    const actor = this.#actor()
    const tenant = this.#tenant()
    const context: EventContext = {
      ...findAddress(this.#request, reader, this.#options.trustedHops),
      ...(agent === undefined ? {} : { agent }),
      request: this.#nameRequest(),
      ...(trace === undefined ? {} : { trace }),
      method: route.method,
      path: route.path.slice(0, pathCharsMax),
    }
    return {
      ...(actor === undefined ? {} : { actor }),
      ...(tenant === undefined ? {} : { tenant }),
      context,
    }
  }

  /** Undefined while nobody is known. */
  #actor(): Actor | undefined {
    const actor = this.#ask(() => this.#options.actor?.(this.#request))
    // An id of a database is a number, in JavaScript that no compiler looked at.
    const id: unknown = actor?.id
    if (id === undefined || id === null || id === '') return undefined
    return actor === undefined || typeof id === 'string' ? actor : { ...actor, id: String(id) }
  }

  #tenant(): string | undefined {
    const { tenant } = this.#options
    return typeof tenant === 'function' ? this.#ask(() => tenant(this.#request)) : tenant
  }

  #nameAction(route: MatchedRoute): string {
    const { action } = this.#options
    const named =
      typeof action === 'function' ? this.#ask(() => action(this.#request, route)) : action
    return (named ?? nameAction(route)).slice(0, actionCharsMax)
  }

  #targets(route: MatchedRoute): readonly Target[] {
    const { targets } = this.#options
    const named = targets === undefined ? undefined : this.#ask(() => targets(this.#request))
    if (named !== undefined) return named
    return route.parameters
      .filter(({ value }) => value !== '' && value.length <= targetIdCharsMax)
      .map(({ after, value }) => ({ type: after ?? 'resource', id: value }))
  }

  #nameRequest(): string {
    const { reader } = this.#parts
    const claimed = reader.header(this.#request, 'x-request-id')
    this.#requestId ??=
      this.#ask(() => this.#options.requestId?.(this.#request)) ??
      reader.id(this.#request) ??
      (claimed !== undefined && requestIdPattern.test(claimed) ? claimed : crypto.randomUUID())
    return this.#requestId
  }

  #isSkipped(): boolean {
    const { skip = false } = this.#options
    return typeof skip === 'boolean' ? skip : (this.#ask(() => skip(this.#request)) ?? false)
  }

  /** The application's own functions may fail; its responses must not, nor its trail. */
  #ask<Answer>(question: () => Answer): Answer | undefined {
    try {
      return question()
    } catch (fault) {
      this.#parts.onFault(fault)
      return undefined
    }
  }
}

function outcomeOf(status: number | undefined): Outcome {
  if (status === undefined) return 'unknown'
  if (status === 401 || status === 403) return 'denied'
  return status < 400 ? 'success' : 'failure'
}
