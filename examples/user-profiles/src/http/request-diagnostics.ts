import { randomUUID } from 'node:crypto'
import type { RequestHandler } from 'express'
import type { Logger } from 'pino'

declare global {
  namespace Express {
    interface Locals {
      /** Of this request: in the answer, the diagnostics and the audit trail. */
      requestId: string
      /** Who asks, once that is known. */
      operator?: string
    }
  }
}

/** What a caller may call his request; he controls it, and it is written to the diagnostics. */
const requestIdPattern = /^[\w.-]{1,64}$/

/**
 * Gives each request its id, and writes one line when it is over. The line has the route's pattern and
 * no address, body or query: nothing personal but who asked, by name of the key.
 */
export function createRequestDiagnostics(logger: Logger): RequestHandler {
  return (request, response, next) => {
    const start = performance.now()
    const claimed = request.get('x-request-id') ?? ''
    const requestId = requestIdPattern.test(claimed) ? claimed : randomUUID()
    response.locals.requestId = requestId
    response.set('X-Request-Id', requestId)
    response.once('close', () => {
      const facts = {
        request: requestId,
        operator: response.locals.operator,
        method: request.method,
        route: request.route?.path,
        status: response.statusCode,
        durationMs: Math.round(performance.now() - start),
        ...(response.writableFinished ? {} : { aborted: true }),
      }
      logger.info(facts, 'request')
    })
    next()
  }
}
