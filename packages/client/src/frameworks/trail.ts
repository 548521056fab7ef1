import { createDescriber } from './describe.ts'
import { type Exchange, RequestExchange, type TrailClient } from './exchange.ts'
import { createFaults } from './faults.ts'
import { assertTrailOptions, type RequestReader, type TrailOptions } from './options.ts'

/** The trail of an application: an exchange for each request. */
export interface Trail<Request> {
  begin(request: Request): Exchange<Request>
}

/**
 * Makes the trail of an application whose framework `reader` reads.
 * @throws TypeError, RangeError for options that can't be meant so
 */
export function createTrail<Request>(
  client: TrailClient,
  options: TrailOptions<Request>,
  reader: RequestReader<Request>,
): Trail<Request> {
  // As it comes from where no compiler looks: every request would fail to be recorded, one by one.
  if (typeof client?.record !== 'function') {
    throw new TypeError('auditTrail(audit, options) takes the client first, of createClient.')
  }
  assertTrailOptions(options)
  const faults = createFaults(options.onFault)
  const parts = { client, faults, describer: createDescriber(reader, faults) }
  return { begin: (request) => new RequestExchange(parts, options, request) }
}
