import { type AuditContext, parseTraceparent } from '../context.ts'
import type { Actor, Outcome, Target } from '../event.ts'
import { actionCharsMax, idCharsMax, targetsMax, typeCharsMax } from '../limits.ts'
import type { WholeEvent } from '../prepare.ts'
import { formatTime } from '../time.ts'
import { createUuidV7 } from '../uuid.ts'
import { findAddress } from './address.ts'
import { readActor, readData, readTargets, readTenant, readText } from './answers.ts'
import type { Faults } from './faults.ts'
import type { RequestReader, TrailOptions } from './options.ts'
import { readPayload } from './payload.ts'
import { clip } from './plain.ts'
import { type MatchedRoute, matchRoute, nameAction } from './route.ts'

/** A request, and what is to be said of it. */
export interface Asked<Request> {
  readonly request: Request
  readonly options: TrailOptions<Request>
  readonly requestId: string
  /** Unix milliseconds. */
  readonly startedAt: number
  /** Who was last known to ask: at the end of a log-out it is nobody. Written by the describer. */
  knownActor: Actor | undefined
}

/** How it ended; without a status in its data it has not ended yet, and its body is not looked at. */
interface Ended {
  readonly outcome: Outcome
  readonly data: Readonly<Record<string, unknown>>
}

/**
 * Makes events of requests. Whatever a caller sends and the application's own functions answer, there
 * is an event, and none that the service would refuse.
 */
export interface Describer<Request> {
  /** Who asks and from where, as far as is known by now. */
  context(asked: Asked<Request>): AuditContext
  event(asked: Asked<Request>, ended: Ended): WholeEvent
  nameRequest(request: Request, options: TrailOptions<Request>): string
}

const agentCharsMax = 512
const methodCharsMax = 32
const pathCharsMax = 2_048
const endpointCharsMax = 512
const requestIdCharsMax = 256
const requestIdPattern = /^[\w.:~@+=/-]{1,128}$/
const anonymous: Actor = { type: 'anonymous', id: 'anonymous' }

/** @param reader of the framework's requests */
export function createDescriber<Request>(
  reader: RequestReader<Request>,
  faults: Faults,
): Describer<Request> {
  const routeOf = (request: Request): MatchedRoute =>
    matchRoute(reader.method(request), reader.path(request), reader.pattern(request))

  function contextOn(route: MatchedRoute, asked: Asked<Request>) {
    const { request, options, requestId } = asked
    const tenant = tenantOf(request, options)
    const context: Record<string, string> = {
      request: requestId,
      method: clip(route.method, methodCharsMax),
      path: clip(route.path, pathCharsMax),
    }
    addCaller(context, request)
    Object.assign(
      context,
      faults.guard(() => findAddress(request, reader, options.trustedHops)),
    )
    const actor = actorOf(asked)
    return tenant === undefined ? { actor, context } : { actor, tenant, context }
  }

  function actorOf(asked: Asked<Request>): Actor {
    const { request, options } = asked
    const actor = faults.ask(() => options.actor?.(request), readActor)
    asked.knownActor = actor ?? asked.knownActor
    return asked.knownActor ?? anonymous
  }

  const tenantOf = (request: Request, { tenant }: TrailOptions<Request>): string | undefined =>
    typeof tenant === 'function' ? faults.ask(() => tenant(request), readTenant) : tenant

  function addCaller(context: Record<string, string>, request: Request): void {
    const agent = reader.header(request, 'user-agent')
    if (agent !== undefined) context.agent = clip(agent, agentCharsMax)
    const traceparent = reader.header(request, 'traceparent')
    const trace = traceparent === undefined ? undefined : parseTraceparent(traceparent)
    if (trace !== undefined) context.trace = trace
  }

  function actionOf(route: MatchedRoute, request: Request, { action }: TrailOptions<Request>) {
    const named =
      typeof action === 'function' ? faults.ask(() => action(request, route), readText) : action
    return clip(named ?? nameAction(route), actionCharsMax)
  }

  function targetsOf(
    route: MatchedRoute,
    request: Request,
    { targets }: TrailOptions<Request>,
  ): readonly Target[] {
    const named = targets && faults.ask(() => targets(request), readTargets)
    if (named !== undefined) return named
    return route.parameters
      .filter(({ value }) => value !== '' && value.length <= idCharsMax)
      .slice(0, targetsMax)
      .map(({ type, value }) => ({
        type: clip(type, typeCharsMax),
        id: clip(value, idCharsMax),
      }))
  }

  function payloadOf(request: Request, { payload = false }: TrailOptions<Request>): unknown {
    if (payload === false) return undefined
    const options = payload === true ? {} : payload
    return faults.guard(() => readPayload(reader.body(request), options))
  }

  return {
    context: (asked) => contextOn(routeOf(asked.request), asked),
    event(asked, { outcome, data }) {
      const { request, options, startedAt } = asked
      const route = routeOf(request)
      const payload = 'status' in data ? payloadOf(request, options) : undefined
      return {
        ...contextOn(route, asked),
        action: actionOf(route, request, options),
        targets: targetsOf(route, request, options),
        outcome,
        time: formatTime(startedAt),
        data: {
          ...(options.data && faults.ask(() => options.data?.(request), readData)),
          ...(route.endpoint === undefined
            ? {}
            : { endpoint: clip(route.endpoint, endpointCharsMax) }),
          ...data,
          ...(payload === undefined ? {} : { payload }),
        },
      }
    },
    nameRequest(request, options) {
      const claimed = reader.header(request, 'x-request-id')
      const named =
        (options.requestId && faults.ask(() => options.requestId?.(request), readText)) ??
        faults.ask(() => reader.id(request), readText) ??
        (claimed !== undefined && requestIdPattern.test(claimed)
          ? claimed
          : createUuidV7(Date.now()))
      return clip(named, requestIdCharsMax)
    },
  }
}
