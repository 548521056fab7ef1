import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox'
import { limits, type Problem } from '@indelible/protocol'
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
  type RawServerDefault,
} from 'fastify'
import { Refusal } from '../base/refusal.ts'
import { createShares, type Shares } from '../base/shares.ts'
import { parseJson } from '../intake/json.ts'
import { createAnswers } from './answers.ts'
import type { Certificate } from './certificate.ts'
import {
  boundConnections,
  type ConnectionBounds,
  toServerOptions,
  usualBounds,
} from './connections.ts'
import { fromFastify, refuseBadUrl, toRefusal } from './framework-faults.ts'
import { refuseUnknownParameters } from './known-parameters.ts'
import { describeRefusal } from './problems.ts'
import {
  answerClientError,
  answerExpectation,
  assertWellFormed,
  securityHeaders,
} from './protocol-faults.ts'
import { meterRequest, noMeter, type RequestMeter } from './request-meter.ts'
import { createUnreadBound } from './unread-answers.ts'

/** Fastify with our schemas as its types; routes register themselves on it. */
export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

declare module 'fastify' {
  interface FastifyInstance {
    meter: RequestMeter
    /** Of who has exports written. */
    exports: Shares
  }
}

/** How often a service that stops looks for connections that have fallen idle. */
const idleCheckMs = 50

/**
 * The bare HTTP application: limits of the protocol layer, security headers, and the two places
 * where anything that went wrong becomes a problem. Routes come from `http/routes/`.
 */
export function createApp(options: {
  readonly logger: FastifyBaseLogger
  readonly meter?: RequestMeter
  /** TLS, if there shall be. */
  readonly certificate?: Pick<Certificate, 'createServer'>
  /** Addresses whose word on where a request came from is taken; none: nobody's. */
  readonly trustedProxies?: readonly string[]
  /** Other than the usual: tests can't wait a minute. */
  readonly bounds?: Partial<ConnectionBounds>
  /** Browsers that came by TLS once shall come by nothing else, to this host or one below (RFC 6797). */
  readonly hsts?: boolean
}): App {
  const { logger, meter = noMeter, certificate, trustedProxies = [], hsts = false } = options
  const bounds = { ...usualBounds, ...options.bounds }
  const create = certificate?.createServer ?? createServer
  const answers = createAnswers({ requestsMax: bounds.requestsPerConnectionMax })
  const app: App = fastify({
    loggerInstance: logger,
    // Of each address it binds: `localhost` may be two.
    serverFactory: (handler) => boundConnections(create(toServerOptions(bounds), handler), bounds),
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.bodyBytesMax,
    // Ours name the request themselves where it matters.
    childLoggerFactory: (parent) => parent,
    genReqId: () => randomUUID(),
    // A handler must be able to see every parameter it is asked to honour (T-03: pollution).
    routerOptions: { maxParamLength: 512, querystringParser: parseQueryString },
    clientErrorHandler: (error, socket) =>
      answers.whenGiven(socket, () => answerClientError(error, socket, meter)),
    frameworkErrors: (error, request, reply) => {
      setSecurityHeaders(request, reply, hsts)
      answerRefusal(reply, fromFastify(error) ?? refuseBadUrl())
    },
    forceCloseConnections: 'idle',
    // What is under way when the service stops is answered, and its connection closed.
    return503OnClosing: false,
  }).withTypeProvider<TypeBoxTypeProvider>()
  app.decorate('meter', meter)
  app.decorate('exports', createShares(limits.exportsMax))
  app.server.on('checkExpectation', (_, response) => answerExpectation(response, meter))
  app.setValidatorCompiler(TypeBoxValidatorCompiler)
  // Answers are serialised as they are: a schema that forgot a member must not swallow it.
  app.setSerializerCompiler(() => JSON.stringify)
  // With callbacks: an async hook costs every request a turn of the microtask queue.
  app.addHook('onRequest', (request, reply, done) => {
    meterRequest(meter, request, reply)
    setSecurityHeaders(request, reply, hsts)
    answers.expect(reply)
    assertWellFormed(request)
    done()
  })
  app.addHook('preValidation', (request, _, done) => {
    refuseUnknownParameters(request)
    done()
  })
  app.addHook('onSend', createUnreadBound(bounds.unreadBytesMax))
  app.addHook('preClose', async () => closeConnections(app))
  acceptStrictJson(app)
  app.setErrorHandler((error, request, reply) => answerRefusal(reply, toRefusal(error, request)))
  app.setNotFoundHandler((request, reply) => {
    const refusal = new Refusal('route-unknown', {
      detail: `There is no route ${request.method} ${request.url.split('?')[0]}. See /docs.`,
    })
    return answerRefusal(reply, refusal)
  })
  return app
}

/** Repeated parameters become arrays; names like `__proto__` stay plain data. */
function parseQueryString(text: string): Record<string, string | string[]> {
  const parameters: Record<string, string | string[]> = Object.create(null)
  for (const [name, value] of new URLSearchParams(text)) {
    const before = parameters[name]
    if (before === undefined) parameters[name] = value
    else if (typeof before === 'string') parameters[name] = [before, value]
    else before.push(value)
  }
  return parameters
}

/**
 * Node closes only the connections that are idle when it stops listening. Those whose answer was
 * under way are closed as they fall idle, and after the grace whatever a slow reader still holds.
 */
function closeConnections({ server }: App): void {
  // Its port was taken: it has none, and would never say that it closed. The process could not end.
  if (!server.listening) return
  const idle = setInterval(() => server.closeIdleConnections(), idleCheckMs)
  const grace = setTimeout(() => server.closeAllConnections(), limits.shutdownGraceMs)
  server.once('close', () => {
    clearInterval(idle)
    clearTimeout(grace)
  })
}

/** Every body as strictly as an event's: no duplicate member, no NUL, no broken UTF-8. */
function acceptStrictJson(app: App): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (_: FastifyRequest, body: Buffer) =>
      // Clients name a type for the empty body of a DELETE; where one is needed, its schema says so.
      body.length === 0 ? undefined : parseBody(body),
  )
}

function parseBody(body: Buffer): unknown {
  try {
    return parseJson(body)
  } catch (error) {
    // Nested without end, say: this is no event.
    const isOfEvents = error instanceof Refusal && error.code === 'event-invalid'
    if (!isOfEvents) throw error
    const { message: detail, errors = [] } = error
    throw new Refusal('request-invalid', { detail, errors })
  }
}

function setSecurityHeaders(request: FastifyRequest, reply: FastifyReply, hsts: boolean): void {
  reply.headers(securityHeaders)
  if (!hsts || request.protocol !== 'https') return
  reply.header('strict-transport-security', 'max-age=31536000; includeSubDomains')
}

function answerRefusal(reply: FastifyReply, refusal: Refusal): FastifyReply {
  const problem = setRefusal(reply, refusal)
  return reply.type('application/problem+json').send(JSON.stringify(problem))
}

/** Sets status and headers of a refusal, whatever its body will be. @returns the problem */
export function setRefusal(reply: FastifyReply, refusal: Refusal): Problem {
  const { problem, retryAfterS } = describeRefusal(refusal)
  reply.server.meter.problem(refusal.code)
  reply.code(problem.status)
  if (retryAfterS !== undefined) reply.header('retry-after', String(retryAfterS))
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer realm="indelible"')
  return problem
}
