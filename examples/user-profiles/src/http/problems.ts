import type { ErrorRequestHandler, RequestHandler } from 'express'
import type { Logger } from 'pino'
import { isUnavailable } from '../database/transaction.ts'
import type { CaptureException } from '../monitoring/reporter.ts'
import { Refusal, type RefusalCode } from '../refusal.ts'

/** The one shape of everything that is answered with an error. */
export interface Problem {
  readonly error: {
    /** For programs. */
    readonly code: RefusalCode | 'internal'
    /** For people. */
    readonly message: string
    /** What is wrong with which field. */
    readonly faults?: readonly { readonly field: string; readonly detail: string }[]
    /** Names the request in the diagnostics and in the audit trail. */
    readonly request: string
  }
}

const statuses: Readonly<Record<RefusalCode, number>> = {
  'input-invalid': 400,
  'json-malformed': 400,
  'request-invalid': 400,
  'credentials-missing': 401,
  'credentials-invalid': 401,
  'route-unknown': 404,
  'user-unknown': 404,
  'email-taken': 409,
  'version-outdated': 412,
  'body-too-large': 413,
  'media-type-unsupported': 415,
  'database-unavailable': 503,
  'trail-unavailable': 503,
}

export const refuseUnknownRoute: RequestHandler = ({ method, path }) => {
  throw new Refusal('route-unknown', `There is no ${method} ${path}.`)
}

/** Answers what the routes throw. What is no refusal is our fault: it is reported, and not told. */
export function createErrorAnswer({
  logger,
  captureException,
}: {
  readonly logger: Logger
  readonly captureException: CaptureException
}): ErrorRequestHandler {
  return (thrown: unknown, _request, response, next) => {
    const { requestId, operator } = response.locals
    const refusal = toRefusal(thrown)
    const status = refusal === undefined ? 500 : statuses[refusal.code]
    if (status >= 500) {
      logger.error({ err: thrown, request: requestId }, 'The request failed.')
      captureException(thrown, { request: requestId, operator })
    }
    // Too late to answer: let Express cut the connection.
    if (response.headersSent) return next(thrown)
    const {
      code = 'internal',
      message = 'This went wrong on our side.',
      faults = [],
    } = refusal ?? {}
    const problem: Problem = {
      error: { code, message, ...(faults.length > 0 ? { faults } : {}), request: requestId },
    }
    if (status === 401) response.set('WWW-Authenticate', 'Bearer')
    if (status === 503) response.set('Retry-After', '5')
    response.status(status).json(problem)
  }
}

/** What Express and its parsers throw has a `type` and a `status`; its message may hold input. */
function toRefusal(thrown: unknown): Refusal | undefined {
  if (thrown instanceof Refusal) return thrown
  if (isUnavailable(thrown)) {
    return new Refusal('database-unavailable', 'The database can’t be reached at present.')
  }
  if (!(thrown instanceof Error) || !('status' in thrown)) return undefined
  if ('type' in thrown && thrown.type === 'entity.parse.failed') {
    return new Refusal('json-malformed', 'The body is not valid JSON.')
  }
  if (thrown.status === 413) return new Refusal('body-too-large', 'The body is too large.')
  if (thrown.status === 415) {
    return new Refusal('media-type-unsupported', 'The body is in an unsupported encoding.')
  }
  const isTheirs = typeof thrown.status === 'number' && thrown.status < 500
  return isTheirs ? new Refusal('request-invalid', 'The request is malformed.') : undefined
}
