import type { Client } from '@indelible/client'
import { auditTrail } from '@indelible/client/express'
import express, { type Express, type Request } from 'express'
import type { Logger } from 'pino'
import { createAuthentication, type Operator } from './http/authenticate.ts'
import { createErrorAnswer, refuseUnknownRoute } from './http/problems.ts'
import { createRequestDiagnostics } from './http/request-diagnostics.ts'
import type { CaptureException } from './monitoring/reporter.ts'
import type { ProfileService } from './profiles/profile-service.ts'
import { createAuditRoutes } from './routes/audit.ts'
import { createHealthRoutes } from './routes/health.ts'
import { createUserRoutes } from './routes/users.ts'
import type { Operation } from './trail/read-changes.ts'

export interface AppOptions {
  readonly profiles: ProfileService
  readonly audit: Client
  readonly operators: readonly Operator[]
  readonly trustedHops: number
  readonly logger: Logger
  readonly captureException: CaptureException
  /** Gives what was committed before some time to reach the log. */
  readonly catchUp: () => Promise<void>
  /** @throws while the database can't be asked */
  readonly checkDatabase: () => Promise<unknown>
}

/** The application, as middleware and routes in the order in which a request meets them. */
export function createApp(options: AppOptions): Express {
  const { profiles, audit, catchUp, trustedHops } = options
  const app = express()
  app.disable('x-powered-by')
  app.set('query parser', 'simple')
  // The ETag of a profile is its version; of anything else there is none.
  app.set('etag', false)

  app.use(createRequestDiagnostics(options.logger))
  app.use((_request, response, next) => {
    // Personal data, for whoever has asked and for no cache on the way.
    response.set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' })
    next()
  })
  app.use(createHealthRoutes(options))
  app.use(
    auditTrail(audit, {
      actor: ({ res }) =>
        res?.locals.operator === undefined ? undefined : { id: res.locals.operator },
      requestId: ({ res }) => res?.locals.requestId ?? '',
      data: describeAttempt,
      skip: isOnRecordOtherwise,
      trustedHops,
    }),
  )
  const authenticate = createAuthentication(options.operators)
  // By route, so that what a stranger tried is on record with what he tried it on.
  for (const path of ['/users', '/users/:id', '/audit']) app.all(path, authenticate)
  app.use(authenticate)
  app.use(createUserRoutes(profiles))
  app.use(createAuditRoutes({ audit, catchUp }))
  app.use(refuseUnknownRoute)
  app.use(createErrorAnswer(options))
  return app
}

const operationsByMethod: Readonly<Record<string, Operation>> = {
  POST: 'CREATE',
  PUT: 'UPDATE',
  DELETE: 'DELETE',
}

/** Beside what the middleware tells of a request: what it would have done. */
const describeAttempt = ({ method }: Request): { readonly operation?: Operation } => {
  const operation = operationsByMethod[method]
  return operation === undefined ? {} : { operation }
}

/**
 * A change that was made has its event from the outbox, in the transaction that made it. What the
 * middleware records is what was refused or failed, which no transaction would keep; of reads only
 * those of strangers.
 */
function isOnRecordOtherwise({ method, res }: Request): boolean {
  const status = res?.statusCode ?? 0
  return status < 400 || (!(method in operationsByMethod) && status !== 401)
}
