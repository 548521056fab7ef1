import type { ProblemCode } from '@indelible/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** One request that has ended. */
export interface EndedRequest {
  readonly method: string
  /** The route's pattern, never the path: labels must not grow with the input. */
  readonly route: string
  /** As answered; 499 where the client was gone before it had the answer. */
  readonly status: number
  readonly seconds: number
}

/** Told of requests and of every problem they were answered with. It must neither throw nor wait. */
export interface RequestMeter {
  began(route: string): void
  ended(request: EndedRequest): void
  problem(code: ProblemCode): void
}

export const noMeter: RequestMeter = {
  began: () => undefined,
  ended: () => undefined,
  problem: () => undefined,
}

/** What nginx made the custom of. */
const clientGone = 499

/** The pattern of a request's route. */
export const routeOf = ({ routeOptions }: FastifyRequest): string => routeOptions.url ?? 'unknown'

/** Meters a request from here to the last byte of its answer, or to the end of its connection. */
export function meterRequest(
  meter: RequestMeter,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const { method } = request
  const route = routeOf(request)
  const began = performance.now()
  meter.began(route)
  // `finish` does not come where the client has gone, nor does Fastify's onResponse.
  reply.raw.once('close', () => {
    const status = reply.raw.writableFinished ? reply.raw.statusCode : clientGone
    meter.ended({ method, route, status, seconds: (performance.now() - began) / 1_000 })
  })
}
