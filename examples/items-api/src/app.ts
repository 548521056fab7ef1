import { randomUUID } from 'node:crypto'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { Client } from '@indelible/client'
import { auditTrail } from '@indelible/client/fastify'
import fastify from 'fastify'
import type { Accounts } from './accounts/accounts.ts'
import type { Tokens } from './accounts/tokens.ts'
import { registerApiDocs } from './http/api-docs.ts'
import { createGuard } from './http/authenticate.ts'
import type { App } from './http/fastify.ts'
import { answerProblem, problemSchema } from './http/problems.ts'
import { type RateLimits, registerRateLimit } from './http/rate-limit.ts'
import { compileValidator } from './http/validate.ts'
import { Refusal } from './refusal.ts'
import { registerCreateItem } from './routes/create-item.ts'
import { registerCreateUser } from './routes/create-user.ts'
import { registerListItems } from './routes/list-items.ts'
import { registerLogIn } from './routes/log-in.ts'
import { registerReadHealth } from './routes/read-health.ts'
import { registerReadItem } from './routes/read-item.ts'
import { registerSearchAudit } from './routes/search-audit.ts'
import type { Store } from './store/open-store.ts'
import { trailOptions } from './trail/trail-options.ts'

export interface AppOptions {
  readonly audit: Client
  readonly store: Store
  readonly accounts: Accounts
  readonly tokens: Tokens
  readonly limits: RateLimits
  readonly clock: () => number
  /** Proxies in front of us, whose word on the caller's address is taken. */
  readonly trustedHops: number
  /** Of pino. */
  readonly logLevel: string
}

/** The application, not listening yet. */
export async function createApp(options: AppOptions): Promise<App> {
  const { audit, store, accounts, tokens, limits, clock, trustedHops, logLevel } = options
  const app = fastify({
    logger: { level: logLevel },
    bodyLimit: 64 * 1_024,
    trustProxy: (_address, hop) => hop < trustedHops,
    // Ours: one that a caller chose could be another's in the trail.
    genReqId: () => randomUUID(),
    routerOptions: { ignoreTrailingSlash: true },
    frameworkErrors: answerProblem,
  }).withTypeProvider<TypeBoxTypeProvider>()
  // JSON alone: what is left alone here is answered 415.
  app.removeContentTypeParser('text/plain')
  app.setValidatorCompiler(compileValidator)
  app.setErrorHandler(answerProblem)
  app.addSchema(problemSchema)
  app.decorateRequest('user', null).decorateRequest('claimed', null).decorateRequest('made', null)
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
  })

  // What comes after this line is on record.
  await app.register(auditTrail(audit, trailOptions))

  await registerRateLimit(app, limits)
  await registerApiDocs(app)
  const guard = createGuard({ tokens, users: store.users })
  const perMinute = limits.loginsPerMinute
  registerCreateUser(app, { accounts, perMinute })
  registerLogIn(app, { accounts, tokens, perMinute })
  registerCreateItem(app, { items: store.items, guard, clock })
  registerListItems(app, { items: store.items, guard })
  registerReadItem(app, { items: store.items, guard })
  registerSearchAudit(app, { audit, guard })
  registerReadHealth(app, { audit })
  app.get('/', { schema: { hide: true } }, (_request, reply) => reply.redirect('/docs'))
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, ({ method, url }) => {
    const [path] = url.split('?', 1)
    throw new Refusal('route-unknown', `There is no ${method} ${path}. See /docs.`)
  })
  return app
}
