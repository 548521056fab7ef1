import type { Request, RequestHandler } from 'express'
import type { TrailClient } from './exchange.ts'
import { findExchange, keepExchange, overrideExchange } from './holder.ts'
import { nodeReader, proceed, watchResponse } from './node.ts'
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

const reader: RequestReader<Request> = {
  ...nodeReader,
  path: ({ originalUrl, baseUrl, path }) => cutQuery(originalUrl) ?? baseUrl + path,
  ip: ({ ip }) => ip,
  // What pino-http and its like put there.
  id: (request) => ('id' in request && request.id !== undefined ? String(request.id) : undefined),
  // Its last part: a router doesn't know where it is mounted. Lists and expressions name no route.
  pattern: ({ route }) => (typeof route?.path === 'string' ? route.path : undefined),
  body: ({ body }) => body,
}

/**
 * Middleware for Express 4 and 5: records every request that comes after it, in the background, and
 * gives whatever the request leads to its actor and context. Put it before the routes; authentication
 * may come before or after it.
 */
export function auditTrail(
  client: TrailClient,
  options: TrailOptions<Request> = {},
): RequestHandler {
  const trail = createTrail(client, options, reader)
  return (request, response, next) => {
    let exchange = findExchange<Request>(request)
    if (exchange === undefined) {
      exchange = trail.begin(request)
      keepExchange(request, exchange)
      watchResponse(response, exchange)
    } else {
      exchange.override(options)
    }
    proceed(exchange, response, next)
  }
}

/** What one route says differently: `app.post('/pay', auditRoute({ action: 'invoice.paid' }), pay)`. */
export function auditRoute(options: RouteOptions<Request>): RequestHandler {
  assertRouteOptions(options)
  return (request, response, next) => {
    proceed(overrideExchange(request, options), response, next)
  }
}
