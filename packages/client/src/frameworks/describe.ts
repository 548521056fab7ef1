import { type AuditContext, parseTraceparent } from '../context.ts'
import type { Actor, AuditEvent, EventContext, Outcome, Target } from '../event.ts'
import { findAddress } from './address.ts'
import type { Faults } from './faults.ts'
import type { RequestReader, TrailOptions } from './options.ts'
import { readPayload } from './payload.ts'
import { type MatchedRoute, matchRoute, nameAction } from './route.ts'

/** A request, and what is to be said of it. */
interface Asked<Request> {
  readonly request: Request
  readonly options: TrailOptions<Request>
  readonly requestId: string
  /** Unix milliseconds. */
  readonly startedAt: number
}

/** How it ended; without a status in its data it has not ended yet, and its body is not looked at. */
interface Ended {
  readonly outcome: Outcome
  readonly data: Readonly<Record<string, unknown>>
}

/** Makes events of requests. Whatever the application's own functions throw, there is an event. */
export interface Describer<Request> {
  /** Who asks and from where, as far as is known by now. */
  context(asked: Asked<Request>): AuditContext
  event(asked: Asked<Request>, ended: Ended): AuditEvent
  nameRequest(request: Request, options: TrailOptions<Request>): string
}

const agentCharsMax = 512
const pathCharsMax = 2_048
const targetIdCharsMax = 2_048
const actionCharsMax = 200
const requestIdPattern = /^[\w.:~@+=/-]{1,128}$/
const anonymous: Actor = { type: 'anonymous', id: 'anonymous' }

/** @param reader of the framework's requests */
export function createDescriber<Request>(
  reader: RequestReader<Request>,
  faults: Faults,
): Describer<Request> {
  const routeOf = (request: Request): MatchedRoute => {
    const [path = ''] = reader.url(request).split('?', 1)
    return matchRoute(reader.method(request), path, reader.pattern(request))
  }

  function contextOn(route: MatchedRoute, { request, options, requestId }: Asked<Request>) {
    const actor = faults.ask(() => options.actor?.(request))
    const tenant = tenantOf(request, options)
    return {
      ...(isNamed(actor) ? { actor: withTextId(actor) } : {}),
      ...(tenant === undefined ? {} : { tenant }),
      context: {
        ...findAddress(request, reader, options.trustedHops),
        ...callerOf(request),
        request: requestId,
        method: route.method,
        path: route.path.slice(0, pathCharsMax),
      },
    }
  }

  const tenantOf = (request: Request, { tenant }: TrailOptions<Request>): string | undefined =>
    typeof tenant === 'function' ? faults.ask(() => tenant(request)) : tenant

  function callerOf(request: Request): EventContext {
    const agent = reader.header(request, 'user-agent')?.slice(0, agentCharsMax)
    const traceparent = reader.header(request, 'traceparent')
    const trace = traceparent === undefined ? undefined : parseTraceparent(traceparent)
    return {
      ...(agent === undefined ? {} : { agent }),
      ...(trace === undefined ? {} : { trace }),
    }
  }

  function actionOf(route: MatchedRoute, request: Request, { action }: TrailOptions<Request>) {
    const named = typeof action === 'function' ? faults.ask(() => action(request, route)) : action
    return (named ?? nameAction(route)).slice(0, actionCharsMax)
  }

  function targetsOf(
    route: MatchedRoute,
    request: Request,
    { targets }: TrailOptions<Request>,
  ): readonly Target[] {
    const named = targets === undefined ? undefined : faults.ask(() => targets(request))
    if (named !== undefined) return named
    return route.parameters
      .filter(({ value }) => value !== '' && value.length <= targetIdCharsMax)
      .map(({ after, value }) => ({ type: after ?? 'resource', id: value }))
  }

  function payloadOf(request: Request, { payload = false }: TrailOptions<Request>): unknown {
    if (payload === false) return undefined
    const options = payload === true ? {} : payload
    return faults.ask(() => readPayload(reader.body(request), options))
  }

  return {
    context: (asked) => contextOn(routeOf(asked.request), asked),
    event(asked, { outcome, data }) {
      const { request, options, startedAt } = asked
      const route = routeOf(request)
      const payload = 'status' in data ? payloadOf(request, options) : undefined
      return {
        actor: anonymous,
        ...contextOn(route, asked),
        action: actionOf(route, request, options),
        targets: targetsOf(route, request, options),
        outcome,
        time: new Date(startedAt).toISOString(),
        data: {
          ...faults.ask(() => options.data?.(request)),
          ...(route.endpoint === undefined ? {} : { endpoint: route.endpoint }),
          ...data,
          ...(payload === undefined ? {} : { payload }),
        },
      }
    },
    nameRequest(request, options) {
      const claimed = reader.header(request, 'x-request-id')
      return (
        faults.ask(() => options.requestId?.(request)) ??
        reader.id(request) ??
        (claimed !== undefined && requestIdPattern.test(claimed) ? claimed : crypto.randomUUID())
      )
    },
  }
}

/** While nobody is logged in there may be an actor, but it has no id. */
const isNamed = (actor: Actor | undefined): actor is Actor => {
  const id: unknown = actor?.id
  return id !== undefined && id !== null && id !== ''
}

/** An id of a database is a number, in JavaScript that no compiler looked at. */
const withTextId = (actor: Actor): Actor =>
  typeof actor.id === 'string' ? actor : { ...actor, id: String(actor.id) }
