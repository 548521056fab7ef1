import type { ArgumentsHost, CallHandler, ExecutionContext } from '@nestjs/common'
import type { Request, RequestHandler } from 'express'
import type { TrailClient } from './exchange.ts'
import { auditTrail as createMiddleware } from './express.ts'
import { findExchange, overrideExchange } from './holder.ts'
import { refusal } from './node.ts'
import { assertRouteOptions, type RouteOptions, type TrailOptions } from './options.ts'

export type { TrailClient } from './exchange.ts'
export type { RouteOptions, TrailOptions } from './options.ts'
export type { PayloadOptions } from './payload.ts'
export type { Route } from './route.ts'

/** What reflect-metadata adds to `Reflect`; without it there is no NestJS. */
interface Metadata {
  getMetadata(key: string | symbol, target: object): unknown
  defineMetadata(key: string | symbol, value: unknown, target: object): void
}

const optionsKey = Symbol('indelible.audit')
/**
 * What `UseGuards`, `UseInterceptors`, `UseFilters` and `Catch` of @nestjs/common write. By their names:
 * an import of it would be a dependency, and could be of another copy than the application's.
 */
const guardsKey = '__guards__'
const interceptorsKey = '__interceptors__'
const filtersKey = '__exceptionFilters__'
const caughtKey = '__filterCatchExceptions__'

/**
 * Middleware for NestJS on Express: `app.use(auditTrail(audit))` in main.ts, before `app.listen()`.
 * On Fastify it is `app.register(auditTrail(audit))`, of `@indelible/client/fastify`; `auditRoute` is
 * the same for both.
 */
export function auditTrail(
  client: TrailClient,
  options: TrailOptions<Request> = {},
): RequestHandler {
  const middleware = createMiddleware(client, options)
  return (request, response, next) => {
    // Fastify's are bare ones, which know neither route nor body, and lose the context with the body.
    if (typeof request.get === 'function') return middleware(request, response, next)
    const instead = 'app.register(auditTrail(…)) of @indelible/client/fastify'
    throw new Error(`On Fastify, app.use(auditTrail(…)) can not do it; it takes ${instead}.`)
  }
}

/**
 * What one route, or all of a controller, says differently: `@auditRoute({ action: 'invoice.paid' })`.
 * The name is also that of a request that a guard of the route or the controller turns away, not of
 * one that a global guard does. `required` puts it on record after all guards, before the handler.
 */
export function auditRoute<Asked = Request>(
  options: RouteOptions<Asked>,
): ClassDecorator & MethodDecorator {
  assertRouteOptions(options)
  return (target: object, _name?: string | symbol, descriptor?: PropertyDescriptor) => {
    const decorated: object = descriptor?.value ?? target
    const metadata = metadataOf()
    const put = (key: string, list: (present: unknown[]) => unknown[]) =>
      metadata.defineMetadata(
        key,
        list((metadata.getMetadata(key, decorated) ?? []) as unknown[]), // as Nest keeps them
        decorated,
      )
    metadata.defineMetadata(optionsKey, options, decorated)
    // The first of them: those who come later may turn the request away.
    put(guardsKey, (guards) => [overriding, ...guards])
    put(interceptorsKey, (interceptors) => [...interceptors, attempting])
    metadata.defineMetadata(caughtKey, [Unrecorded], RefusalFilter)
    put(filtersKey, (filters) => [...filters, new RefusalFilter()])
  }
}

function metadataOf(): Metadata {
  const metadata = Reflect as Partial<Metadata> // by the import of another package
  if (metadata.defineMetadata === undefined || metadata.getMetadata === undefined) {
    throw new Error('auditRoute needs reflect-metadata: import it first, as NestJS does.')
  }
  return metadata as Metadata // both are there
}

/** A guard that turns nobody away: the request learns what its route says of it. */
const overriding = {
  canActivate(context: ExecutionContext): true {
    if (context.getType() !== 'http') return true
    const { getMetadata } = metadataOf()
    overrideExchange(context.switchToHttp().getRequest<object>(), {
      ...(getMetadata(optionsKey, context.getClass()) as object | undefined), // as put above
      ...(getMetadata(optionsKey, context.getHandler()) as object | undefined),
    })
    return true
  },
}

/** After the guards, so that it is known who asks; before pipes and handler. */
const attempting = {
  async intercept(context: ExecutionContext, next: CallHandler) {
    const exchange =
      context.getType() === 'http'
        ? findExchange(context.switchToHttp().getRequest<object>())
        : undefined
    if (exchange?.isRequired === true && (await exchange.attempt()) !== undefined) {
      throw new Unrecorded()
    }
    return next.handle()
  },
}

/** What must be on record could not be put there. */
class Unrecorded extends Error {}

/** What responses of Express and replies of Fastify have in common. */
interface Answer {
  status(code: number): unknown
  header(name: string, value: string): unknown
  send(body: string): unknown
}

class RefusalFilter {
  catch(_unrecorded: Unrecorded, host: ArgumentsHost): void {
    const answer = host.switchToHttp().getResponse<Answer>()
    answer.status(refusal.status)
    for (const [name, value] of Object.entries(refusal.headers)) answer.header(name, value)
    answer.send(refusal.body)
  }
}
