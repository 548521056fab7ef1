import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Context, HonoRequest, MiddlewareHandler, Next } from 'hono'
import type { Exchange, TrailClient } from './exchange.ts'
import { findExchange, keepExchange, overrideExchange } from './holder.ts'
import { nodeReader, refusal, watchResponse } from './node.ts'
import {
  assertRouteOptions,
  type RequestReader,
  type RouteOptions,
  type TrailOptions,
} from './options.ts'
import { createTrail } from './trail.ts'

export type { TrailClient } from './exchange.ts'
export type { RouteOptions, TrailOptions } from './options.ts'
export type { PayloadOptions } from './payload.ts'
export type { Route } from './route.ts'

/** What @hono/node-server puts into `c.env`; without it there is but a `Request`. */
interface NodeEnv {
  readonly incoming?: IncomingMessage
  readonly outgoing?: ServerResponse
}

const none: NodeEnv = {}
const nodeOf = (context: Context): NodeEnv => context.env ?? none

const reader: RequestReader<Context> = {
  method: ({ req }) => req.method,
  path: ({ req }) => req.path,
  header: (context, name) => {
    const { incoming } = nodeOf(context)
    return incoming === undefined ? context.req.header(name) : nodeReader.header(incoming, name)
  },
  ip: (context) => reader.peer(context),
  peer: (context) => {
    const { incoming } = nodeOf(context)
    return incoming === undefined ? undefined : nodeReader.peer(incoming)
  },
  // What hono/request-id puts there.
  id: (context) => context.get('requestId'),
  pattern: ({ req }) => findPattern(req),
  body: ({ req }) => bodies.get(req)?.(),
}

/** The last route that is none of middleware: `use` registers for all methods. */
function findPattern({ matchedRoutes }: HonoRequest): string | undefined {
  // Deprecated for a helper of the same name, which would have to be imported.
  const route = matchedRoutes.findLast(
    ({ method, path, handler }) => method !== 'ALL' || (!path.endsWith('*') && handler.length < 2),
  )
  return route?.path
}

/** Bodies that the application has parsed; it alone reads them. Not looked into until a payload is kept. */
const bodies = new WeakMap<HonoRequest, () => unknown>()

/** @returns a promise where the application has read a body, and nothing where it has not */
function keepBody(request: HonoRequest): Promise<void> | undefined {
  const { json, text, formData } = request.bodyCache
  if (json === undefined && formData === undefined && (text === undefined || !isJson(request)))
    return
  // Typed as what they promise.
  return Promise.all([json, formData, text]).then(
    ([value, form, source]) => {
      const read = () => value ?? (form instanceof FormData ? readForm(form) : parse(source))
      bodies.set(request, read)
    },
    () => undefined,
  )
}

const isJson = (request: HonoRequest): boolean =>
  request.header('content-type')?.includes('json') === true

/** Its fields without its files. Not by `getAll`, which goes through all of what a caller made many. */
function readForm(form: FormData): Readonly<Record<string, unknown>> {
  const fields = new Map<string, string | string[]>()
  for (const [name, value] of form) {
    const present = fields.get(name)
    if (typeof value !== 'string') continue
    if (present === undefined) fields.set(name, value)
    else if (typeof present === 'string') fields.set(name, [present, value])
    else present.push(value)
  }
  return Object.fromEntries(fields)
}

/** Of what is no JSON the application has said so. */
function parse(source: string | undefined): unknown {
  try {
    return source === undefined ? undefined : JSON.parse(source)
  } catch {
    return undefined
  }
}

/**
 * Middleware for Hono 4: records every request that comes after it, in the background, and gives
 * whatever the request leads to its actor and context. Put it before the routes; authentication may
 * come before or after it. On @hono/node-server a request ends with its response, elsewhere when its
 * handler has returned, and there the caller's address is known only behind `trustedHops` proxies.
 */
export function auditTrail(
  client: TrailClient,
  options: TrailOptions<Context> = {},
): MiddlewareHandler {
  const trail = createTrail(client, options, reader)
  return async (context, next) => {
    const known = findExchange<Context>(context)
    if (known !== undefined) {
      known.override(options)
      return proceed(known, next)
    }
    const exchange = trail.begin(context)
    keepExchange(context, exchange)
    const { outgoing } = nodeOf(context)
    if (outgoing !== undefined) {
      watchResponse(outgoing, exchange)
      const refused = await proceed(exchange, next)
      void keepBody(context.req)
      return refused
    }
    return endWithHandler(exchange, context, next)
  }
}

/** What one route says differently: `app.post('/pay', auditRoute({ action: 'invoice.paid' }), pay)`. */
export function auditRoute(options: RouteOptions<Context>): MiddlewareHandler {
  assertRouteOptions(options)
  return (context, next) => proceed(overrideExchange(context, options), next)
}

async function endWithHandler(
  exchange: Exchange<Context>,
  context: Context,
  next: Next,
): Promise<Response | undefined> {
  let status: number | undefined
  try {
    const refused = await proceed(exchange, next)
    status = (refused ?? context.res).status
    return refused
  } catch (thrown) {
    status = 500 // what is no Error is the server's to answer
    throw thrown
  } finally {
    const isComplete = !context.req.raw.signal.aborted
    const end = () => exchange.end({ status, isComplete })
    // The response doesn't wait for it.
    void (keepBody(context.req)?.then(end) ?? end())
  }
}

/** Goes on to the action, in the request's context; not without a record where one is required. */
async function proceed(exchange: Exchange<Context>, next: Next): Promise<Response | undefined> {
  if (exchange.isRequired && (await exchange.attempt()) !== undefined) {
    return new Response(refusal.body, refusal)
  }
  await exchange.run(next)
  return undefined
}
