import type { Exchange } from './exchange.ts'
import type { RouteOptions } from './options.ts'

/**
 * The exchange under way, on the object that a framework hands on from middleware to route. It is
 * whoever keeps it that says what `Request` is: middleware finds its own framework's.
 */
const underWay: unique symbol = Symbol('indelible.exchange')

interface Holder<Request> {
  [underWay]?: Exchange<Request>
}

export const findExchange = <Request>(holder: object): Exchange<Request> | undefined =>
  (holder as Holder<Request>)[underWay] // any object can have it

export function keepExchange<Request>(holder: object, exchange: Exchange<Request>): void {
  const keeper = holder as Holder<Request> // as above
  keeper[underWay] = exchange
}

/**
 * For the middleware of a route.
 * @throws Error where no `auditTrail` came before it: an audit that is silently left out is none
 */
export function overrideExchange<Request>(
  holder: object,
  options: RouteOptions<Request>,
): Exchange<Request> {
  const exchange = findExchange<Request>(holder)
  if (exchange === undefined) {
    throw new Error('auditRoute needs auditTrail: put auditTrail before the routes.')
  }
  exchange.override(options)
  return exchange
}
