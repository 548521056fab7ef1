import type { Actor, Target } from '../event.ts'
import type { PayloadOptions } from './payload.ts'
import type { Route } from './route.ts'

/**
 * Somebody, or something, as an application has it: an interface or class of its own, a row of its
 * database. What no event can have is made one (`readActor`).
 */
export interface Named {
  readonly id: string | number | bigint
  readonly type?: string | null | undefined
  readonly name?: string | null | undefined
}

/** What one route may say differently (`auditRoute`); `Request` is the framework's. */
export interface RouteOptions<Request> {
  /** What was done. Default: from the route, `POST /items` → `items.create`. */
  readonly action?: string | ((request: Request, route: Route) => string)
  /** On what. Default: the parameters of the route, `/users/:id` → `{ type: 'users', id }`. */
  readonly targets?: (request: Request) => readonly (Target | Named)[] | null | undefined
  /** More to keep under `data`. */
  readonly data?: (request: Request) => (object & { readonly then?: never }) | null | undefined
  /** Keeps the parsed body, without what is secret by its name, under `data.payload`. */
  readonly payload?: boolean | PayloadOptions
  /** Not recorded. Asked at the end, when everything is known; `record` deep inside still works. */
  readonly skip?: boolean | ((request: Request) => boolean)
  /**
   * Fail closed: before the action an event `<action>.attempted` must be durable in the log, or the
   * request is answered with 503 and goes no further.
   */
  readonly required?: boolean | ((request: Request) => boolean)
}

/** What `auditTrail` takes; all of it may be left out. */
export interface TrailOptions<Request> extends RouteOptions<Request> {
  /**
   * Who. Asked at the end, and for each `record` on the way; whom it named once stays known. Default, and
   * where it throws: anonymous. None of these functions may answer with a promise.
   */
  readonly actor?: (request: Request) => Actor | Named | null | undefined
  /** Whose log. */
  readonly tenant?: string | ((request: Request) => string | null | undefined)
  /**
   * How many proxies before the application append to X-Forwarded-For. Default: what the framework
   * is set to trust; without that, none.
   */
  readonly trustedHops?: number
  /** Default: the framework's id of the request, else a sane `X-Request-Id`, else a UUID of its own. */
  readonly requestId?: (request: Request) => string
  /** How long `required` waits for the log. Default: 5,000. */
  readonly requiredTimeoutMs?: number
  /** What went wrong in the trail itself, never in the response. Default: stderr, each message once. */
  readonly onFault?: (fault: unknown) => void
}

// The compiler says so if one is missing.
const routeNames: Readonly<Record<keyof RouteOptions<never>, true>> = {
  action: true,
  targets: true,
  data: true,
  payload: true,
  skip: true,
  required: true,
}
const trailNames: Readonly<Record<keyof TrailOptions<never>, true>> = {
  ...routeNames,
  actor: true,
  tenant: true,
  trustedHops: true,
  requestId: true,
  requiredTimeoutMs: true,
  onFault: true,
}

const payloadNames: Readonly<Record<keyof PayloadOptions, true>> = { redact: true, bytesMax: true }

/**
 * A misspelt `required` would let everything through without a word, a misspelt `redact` a secret.
 * @throws TypeError naming the option that there is not, or that is of no use as it is
 */
export function assertRouteOptions(options: RouteOptions<never>): void {
  assertNames('auditRoute', options, routeNames)
  assertPayload(options)
}

/**
 * The same for `auditTrail`.
 * @throws RangeError for a `trustedHops` that is no count: it would believe what anybody claims
 */
export function assertTrailOptions(options: TrailOptions<never>): void {
  assertNames('auditTrail', options, trailNames)
  assertPayload(options)
  const { trustedHops = 0 } = options
  if (Number.isInteger(trustedHops) && trustedHops >= 0) return
  throw new RangeError('trustedHops is how many proxies there are: 0, 1, 2 …')
}

function assertPayload({ payload }: RouteOptions<never>): void {
  if (typeof payload !== 'object') return
  assertNames('payload', payload, payloadNames)
  if (payload.redact === undefined || Array.isArray(payload.redact)) return
  throw new TypeError('payload.redact is a list of names of members.')
}

function assertNames(what: string, options: object, names: object): void {
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(names, name))
  if (unknown === undefined) return
  const known = Object.keys(names).join(', ')
  throw new TypeError(`${what} has no option "${unknown}"; it has ${known}.`)
}

/** How the core reads a framework's request. */
export interface RequestReader<Request> {
  method(request: Request): string
  /**
   * The path that the framework looks for a route with, without query. Of what was asked for
   * (`/items/7#`, `http://x/items/7`, `/x/../items/7`) each reads another path, and acts on that one.
   */
  path(request: Request): string
  header(request: Request, name: string): string | undefined
  /** The caller's address as the framework was told to trust it; of the socket otherwise. */
  ip(request: Request): string | undefined
  /** The address at the other end of the socket. */
  peer(request: Request): string | undefined
  /** The framework's own id of the request, if it has one. */
  id(request: Request): string | undefined
  /** The pattern of the matched route, as far as it is known by now. */
  pattern(request: Request): string | undefined
  /** The body as the application's own parser left it. */
  body(request: Request): unknown
}
