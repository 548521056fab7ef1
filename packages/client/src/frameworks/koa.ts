import type { Context, Middleware, Next } from 'koa'
import type { Exchange, TrailClient } from './exchange.ts'
import { findExchange, keepExchange, overrideExchange } from './holder.ts'
import { nodeReader, refusal, watchResponse } from './node.ts'
import {
  assertRouteOptions,
  type RequestReader,
  type RouteOptions,
  type TrailOptions,
} from './options.ts'
import { cutQuery } from './target.ts'
import { createTrail } from './trail.ts'

export type { TrailClient } from './exchange.ts'
export type { RouteOptions, TrailOptions } from './options.ts'
export type { PayloadOptions } from './payload.ts'
export type { Route } from './route.ts'

/** What @koa/router leaves behind, all of it under names that no type of Koa's knows. */
interface Routed {
  /** The routes and middlewares of routers whose path fits. */
  readonly matched?: readonly { readonly path: unknown; readonly methods: readonly string[] }[]
  /** The path of that which runs, or ran last. */
  readonly _matchedRoute?: unknown
}

const reader: RequestReader<Context> = {
  method: ({ method }) => method,
  path: ({ originalUrl, path }) => cutQuery(originalUrl) ?? path,
  header: ({ req }, name) => nodeReader.header(req, name),
  ip: ({ ip }) => ip,
  peer: ({ req }) => nodeReader.peer(req),
  // What pino-http and its like put there.
  id: ({ req }) => ('id' in req && req.id !== undefined ? String(req.id) : undefined),
  pattern: findPattern,
  body: ({ request }) => ('body' in request ? request.body : undefined),
}

/** Of the route that ran. Where a router's own middleware ended the request: of the one to come. */
function findPattern(context: Context): string | undefined {
  const { matched = [], _matchedRoute: last } = context as Routed // no type of Koa's says so
  const routes = matched.filter(({ methods }) => methods.includes(context.method))
  const route = routes.find(({ path }) => path === last) ?? routes[0]
  return typeof route?.path === 'string' ? route.path : undefined
}

/**
 * Middleware for Koa 2 and 3: records every request that comes after it, in the background, and gives
 * whatever the request leads to its actor and context. Put it before the routes; authentication may
 * come before or after it.
 */
export function auditTrail(client: TrailClient, options: TrailOptions<Context> = {}): Middleware {
  const trail = createTrail(client, options, reader)
  return (context, next) => {
    let exchange = findExchange<Context>(context)
    if (exchange === undefined) {
      exchange = trail.begin(context)
      keepExchange(context, exchange)
      watchResponse(context.res, exchange)
    } else {
      exchange.override(options)
    }
    return proceed(exchange, context, next)
  }
}

/** What one route says differently: `router.post('/pay', auditRoute({ action: 'invoice.paid' }), pay)`. */
export function auditRoute(options: RouteOptions<Context>): Middleware {
  assertRouteOptions(options)
  return (context, next) => proceed(overrideExchange(context, options), context, next)
}

async function proceed(exchange: Exchange<Context>, context: Context, next: Next): Promise<void> {
  if (exchange.isRequired && (await exchange.attempt()) !== undefined) {
    context.status = refusal.status
    context.set(refusal.headers)
    context.body = refusal.body
    return
  }
  await exchange.run(next)
}
