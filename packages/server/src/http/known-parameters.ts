import type { FastifyRequest } from 'fastify'
import { Refusal } from '../base/refusal.ts'

/** The part of a route's schema that is looked at: an object schema, made by TypeBox. */
interface QuerySchema {
  readonly properties?: Readonly<Record<string, unknown>>
  readonly additionalProperties?: boolean
}

/** The parameters that a route documents by name. */
export function listParameters(request: FastifyRequest): readonly string[] {
  return Object.keys(readSchema(request)?.properties ?? {})
}

/**
 * A typo in a parameter must not silently return everything, or disclose everything. Routes that
 * take any field of an event check names themselves; probes may send what they like.
 * @throws Refusal `query-invalid`
 */
export function refuseUnknownParameters(request: FastifyRequest): void {
  if (request.routeOptions.url?.startsWith('/v1/') !== true) return
  assertDecodable(request.url)
  if (readSchema(request)?.additionalProperties === true) return
  const known = listParameters(request)
  for (const name of Object.keys(request.query as object)) {
    if (known.includes(name)) continue
    throw new Refusal('query-invalid', {
      detail: `There is no parameter "${name.slice(0, 100)}" here${
        known.length === 0 ? '' : `; there is ${known.join(', ')}`
      }.`,
    })
  }
}

/** `URLSearchParams` puts U+FFFD where the bytes are no UTF-8, and would search for that. */
export function assertDecodable(url: string): void {
  const start = url.indexOf('?')
  if (start === -1) return
  try {
    decodeURIComponent(url.slice(start))
  } catch {
    throw new Refusal('query-invalid', {
      detail: 'The parameters are not percent-encoded UTF-8; a percent sign itself is %25.',
    })
  }
}

function readSchema(request: FastifyRequest): QuerySchema | undefined {
  return request.routeOptions.schema?.querystring as QuerySchema | undefined // made by TypeBox
}
