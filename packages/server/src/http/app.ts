import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox'
import { type Fault, limits } from '@indelible/protocol'
import fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
  type RawServerDefault,
} from 'fastify'
import { Refusal } from '../base/refusal.ts'
import { parseJson } from '../intake/json.ts'
import { appendPointer } from '../intake/pointer.ts'
import { refuseUnknownParameters } from './known-parameters.ts'
import { describeRefusal } from './problems.ts'
import {
  answerClientError,
  answerExpectation,
  assertWellFormed,
  securityHeaders,
} from './protocol-faults.ts'

/** Fastify with our schemas as its types; routes register themselves on it. */
export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

/** How often a service that stops looks for connections that have fallen idle. */
const idleCheckMs = 50

/**
 * The bare HTTP application: limits of the protocol layer, security headers, and the two places
 * where anything that went wrong becomes a problem. Routes come from `http/routes/`.
 */
export function createApp(options: { logger: FastifyBaseLogger }): App {
  const app: App = fastify({
    loggerInstance: options.logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.bodyBytesMax,
    // Ours name the request themselves where it matters.
    childLoggerFactory: (parent) => parent,
    genReqId: () => randomUUID(),
    // A handler must be able to see every parameter it is asked to honour (T-03: pollution).
    routerOptions: { maxParamLength: 512, querystringParser: parseQueryString },
    requestTimeout: 60_000,
    // A missing Host is refused by assertWellFormed, which gives a reason.
    http: {
      headersTimeout: 15_000,
      maxHeaderSize: limits.headerBytesMax,
      requireHostHeader: false,
    },
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, _, reply) => {
      setSecurityHeaders(reply)
      answerRefusal(reply, fromFastify(error) ?? refuseBadUrl())
    },
    forceCloseConnections: 'idle',
    // What is under way when the service stops is answered, and its connection closed.
    return503OnClosing: false,
  }).withTypeProvider<TypeBoxTypeProvider>()
  app.server.on('checkExpectation', answerExpectation)
  app.setValidatorCompiler(TypeBoxValidatorCompiler)
  // Answers are serialised as they are: a schema that forgot a member must not swallow it.
  app.setSerializerCompiler(() => JSON.stringify)
  // With callbacks: an async hook costs every request a turn of the microtask queue.
  app.addHook('onRequest', (request, reply, done) => {
    setSecurityHeaders(reply)
    assertWellFormed(request)
    done()
  })
  app.addHook('preValidation', (request, _, done) => {
    refuseUnknownParameters(request)
    done()
  })
  app.addHook('preClose', async () => closeConnections(app))
  acceptStrictJson(app)
  app.setErrorHandler(answerError)
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
      body.length === 0 ? undefined : parseJson(body),
  )
}

function setSecurityHeaders(reply: FastifyReply): void {
  reply.headers(securityHeaders)
}

function answerRefusal(reply: FastifyReply, refusal: Refusal): FastifyReply {
  const { problem, retryAfterS } = describeRefusal(refusal)
  if (retryAfterS !== undefined) reply.header('retry-after', String(retryAfterS))
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer realm="indelible"')
  return reply.code(problem.status).type('application/problem+json').send(JSON.stringify(problem))
}

function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error instanceof Refusal) return answerRefusal(reply, error)
  const refusal = fromFastify(error as FastifyError)
  if (refusal !== undefined) return answerRefusal(reply, refusal)
  request.log.error({ err: error, request: request.id }, 'request failed')
  const detail = `Something failed on our side. The request id is ${request.id}.`
  return answerRefusal(reply, new Refusal('internal', { detail }))
}

/** Fastify's own refusals, in our words; undefined for what is not the caller's doing. */
function fromFastify(error: FastifyError): Refusal | undefined {
  if (error.validation !== undefined) {
    const errors = error.validation.flatMap(describeFault)
    const where = error.validationContext ?? 'request'
    const code = where === 'body' ? 'request-invalid' : 'query-invalid'
    return new Refusal(code, { detail: `The ${where} is not valid.`, errors })
  }
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new Refusal('body-too-large', {
        detail: `A body may have ${limits.bodyBytesMax} bytes. Send smaller batches.`,
      })
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new Refusal('media-type-unsupported', {
        detail: 'Send application/json; events are also accepted as application/x-ndjson.',
      })
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return new Refusal('json-malformed', { detail: 'The body is not complete, valid JSON.' })
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return refuseBadUrl()
    default:
      return error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500
        ? new Refusal('request-invalid', { detail: error.message })
        : undefined
  }
}

const refuseBadUrl = (): Refusal =>
  new Refusal('route-unknown', { detail: 'The path is not a valid URL path, or too long.' })

type ValidationFault = NonNullable<FastifyError['validation']>[number]

/** A missing or unknown member is pointed at itself, not at the object around it. */
function describeFault(fault: ValidationFault): Fault[] {
  const { instancePath, params, message = 'is not valid' } = fault
  const names = params.requiredProperties ?? params.additionalProperties
  if (!Array.isArray(names)) return [{ pointer: instancePath, detail: message }]
  const detail = params.requiredProperties === undefined ? 'is not a known member' : 'is missing'
  return names.map((name) => ({ pointer: appendPointer(instancePath, String(name)), detail }))
}
