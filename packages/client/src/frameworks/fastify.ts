import type {
  FastifyInstance,
  FastifyPluginCallback,
  FastifyReply,
  FastifyRequest,
  RouteOptions as FastifyRouteOptions,
} from 'fastify'
import type { TrailClient } from './exchange.ts'
import { findExchange, keepExchange } from './holder.ts'
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

/** Marks the config of a route that asks for a required record last, when the actor is known. */
const asksLastKey = Symbol('indelible.asksLast')

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What this route says differently to the trail. */
    audit?: RouteOptions<FastifyRequest>
    [asksLastKey]?: true
  }
}

/** Fastify counts its requests from one at each start: such an id names none. */
const countedPattern = /^req-[0-9a-z]+$/

const reader: RequestReader<FastifyRequest> = {
  method: ({ method }) => method,
  path: findPath,
  header: ({ raw }, name) => nodeReader.header(raw, name),
  ip: ({ ip }) => ip,
  peer: ({ raw }) => nodeReader.peer(raw),
  id: ({ id }) => (countedPattern.test(id) ? undefined : id),
  pattern: ({ routeOptions }) => routeOptions.url,
  // A parser of the application's may hand on a stream.
  body: ({ body }) => (isStream(body) ? undefined : body),
}

/** As find-my-way has it, which has no word for what it found. */
function findPath({ originalUrl, server }: FastifyRequest): string {
  const [given = ''] = originalUrl.split(/[?#]/, 1)
  const path = given.startsWith('/') ? given : given.replace(/^https?:\/\/[^/]*/i, '')
  // Fastify 4 cuts there unless told otherwise, and has no word for its router's options.
  const { useSemicolonDelimiter, routerOptions } = server.initialConfig as RouterConfig
  const isCut = routerOptions?.useSemicolonDelimiter === true || useSemicolonDelimiter === true
  return (isCut ? path.split(';', 1)[0] : path) || '/'
}

interface RouterConfig {
  readonly useSemicolonDelimiter?: boolean
  readonly routerOptions?: { readonly useSemicolonDelimiter?: boolean }
}

const isStream = (body: unknown): boolean =>
  typeof body === 'object' && body !== null && 'pipe' in body

/**
 * A plugin for Fastify 4 and 5: records every request, in the background, and gives whatever it leads
 * to its actor and context. Register it before the plugins whose hooks or routes record something. A
 * route says what differs in its options: `{ config: { audit: { action: 'invoice.paid' } } }`.
 */
export function auditTrail(
  client: TrailClient,
  options: TrailOptions<FastifyRequest> = {},
): FastifyPluginCallback {
  const trail = createTrail(client, options, reader)

  function begin(request: FastifyRequest, reply: FastifyReply, done: () => void): void {
    const known = findExchange<FastifyRequest>(request)
    const exchange = known ?? trail.begin(request)
    if (known === undefined) {
      keepExchange(request, exchange)
      watchResponse(reply.raw, exchange)
    } else {
      known.override(options)
    }
    const { audit } = request.routeOptions.config
    if (audit !== undefined) exchange.override(audit)
    exchange.run(done)
  }

  return breakOut((app, _options, done) => {
    app.addHook('onRequest', begin)
    app.addHook('preValidation', resume)
    app.addHook('onRoute', askLast)
    app.addHook('preHandler', askUnlessLast)
    done()
  })
}

/** What is registered applies to the application that registers it, not to a child of its. */
function breakOut(plugin: FastifyPluginCallback): FastifyPluginCallback {
  return Object.assign(plugin, {
    [Symbol.for('skip-override')]: true,
    [Symbol.for('fastify.display-name')]: '@indelible/client',
  })
}

/** A body arrives in events of its socket, which know nothing of the request. */
function resume(request: FastifyRequest, _reply: FastifyReply, done: () => void): void {
  findExchange<FastifyRequest>(request)?.run(done)
}

type PreHandler = (request: FastifyRequest, reply: FastifyReply, done: () => void) => void

const ask: PreHandler = (request, reply, done) => {
  const exchange = findExchange<FastifyRequest>(request)
  if (exchange === undefined || !exchange.isRequired) return done()
  void exchange.attempt().then((fault) => {
    if (fault === undefined) return exchange.run(done)
    reply.code(refusal.status).headers(refusal.headers).send(refusal.body)
  })
}

/** Behind the hooks of the route itself, which may be what authenticates. */
function askLast(this: FastifyInstance, route: FastifyRouteOptions): void {
  if (route.config?.audit !== undefined) assertRouteOptions(route.config.audit)
  route.config = { ...route.config, [asksLastKey]: true }
  route.preHandler = [route.preHandler ?? [], ask].flat()
}

/** Routes that were declared before the plugin was loaded are not told of by `onRoute`. */
const askUnlessLast: PreHandler = (request, reply, done) => {
  if (findExchange<FastifyRequest>(request)?.isRequired !== true) return done()
  if (request.routeOptions.config[asksLastKey] === true) return done()
  ask(request, reply, done)
}
