import { createDescriber } from './describe.ts'
import { type Exchange, RequestExchange, type TrailClient } from './exchange.ts'
import { createFaults } from './faults.ts'
import type { RequestReader, TrailOptions } from './options.ts'

/** The trail of an application: an exchange for each request. */
export interface Trail<Request> {
  begin(request: Request): Exchange<Request>
}

/**
 * Makes the trail of an application whose framework `reader` reads.
 * @throws RangeError for a `trustedHops` that is no count: it would believe what anybody claims
 */
export function createTrail<Request>(
  client: TrailClient,
  options: TrailOptions<Request>,
  reader: RequestReader<Request>,
): Trail<Request> {
  const { trustedHops = 0 } = options
  if (!Number.isInteger(trustedHops) || trustedHops < 0) {
    throw new RangeError('trustedHops is how many proxies there are: 0, 1, 2 …')
  }
  const faults = createFaults(options.onFault)
  const parts = { client, faults, describer: createDescriber(reader, faults) }
  return { begin: (request) => new RequestExchange(parts, options, request) }
}
