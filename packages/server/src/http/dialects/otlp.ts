import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { Refusal } from '../../base/refusal.ts'
import { translateOtlp } from '../../intake/dialects/otlp.ts'
import { decodeOtlp, encodeStatus } from '../../intake/dialects/otlp-protobuf.ts'
import { parseTolerantJson } from '../../intake/dialects/tolerant-json.ts'
import { parseJson } from '../../intake/json.ts'
import type { App } from '../app.ts'
import { TenantParameter } from '../find-entry.ts'
import { readOne } from '../read-request.ts'
import {
  type Dialect,
  type DialectParts,
  type DialectScope,
  openDialect,
  readEssence,
} from './dialect.ts'

export interface OtlpParts extends DialectParts {
  /** For the ids of records that have none. */
  readonly eventIdSecret: Uint8Array
}

const protobuf = 'application/x-protobuf'

/** Codes of google.rpc for our statuses; whether to try again, a client reads from the status. */
const rpcCodes: Readonly<Record<number, number>> = {
  ...{ 400: 3, 401: 16, 403: 7, 404: 5, 409: 6, 413: 8, 415: 3, 429: 8, 503: 14 },
}
const rpcInternal = 13
/** Faults told in the one sentence that a client of protobuf shows. */
const faultsToldMax = 3

/** OTLP has one status for what can't be taken and never will be. */
export const otlpStatuses = { 422: 400 }

const otlp: Dialect = { name: 'otlp', statuses: otlpStatuses, describeRefusal: describeStatus }

/** `POST /v1/logs`: OpenTelemetry's log records, in JSON or protobuf (OTLP/HTTP 1.x). */
export function registerOtlp(app: App, parts: OtlpParts): void {
  openDialect(app, parts, otlp, (dialect) => {
    dialect.scope.post('/v1/logs', otlpRoute(dialect), async (request, reply) => {
      const { isProtobuf, body, isStrict } = await readRequest(request, dialect, true)
      const translation = translateOtlp(body, { secret: parts.eventIdSecret, isStrict })
      await dialect.submit(request, translation, { tenant: readOne(request, 'tenant') })
      // All of it: never a partial success, of which a client sends nothing again.
      return isProtobuf ? reply.type(protobuf).send(Buffer.alloc(0)) : {}
    })
  })
}

/** Below `/v1/` a parameter that a route has not named is refused, a misspelt tenant too. */
export const otlpRoute = ({ route }: DialectScope) => ({
  ...route,
  schema: { ...route.schema, querystring: Type.Object(TenantParameter) },
})

/**
 * A request in JSON, or as the JSON that it would be.
 * @param isTolerant whether what our strictness would refuse is changed, visibly
 * @throws Refusal `media-type-unsupported`; as `readBody`, and `decodeOtlp`
 */
export async function readRequest(
  request: FastifyRequest,
  { readBody }: DialectScope,
  isTolerant: boolean,
) {
  const essence = readEssence(request)
  const isProtobuf = essence === protobuf
  if (!isProtobuf && essence !== 'application/json') {
    throw new Refusal('media-type-unsupported', {
      detail: `Send application/json or ${protobuf}, as OTLP has them.`,
    })
  }
  const read = (bytes: Buffer) => {
    if (isProtobuf) return { value: decodeOtlp(bytes, isTolerant), isStrict: true }
    return isTolerant ? parseTolerantJson(bytes) : { value: parseJson(bytes), isStrict: true }
  }
  const { value: body, isStrict } = await readBody(request, read)
  return { isProtobuf, body, isStrict }
}

/** A `google.rpc.Status`, in the form in which the request came. */
export function describeStatus(refusal: Refusal, status: number, request: FastifyRequest) {
  const { errors = [], message: detail } = refusal
  const told = errors.slice(0, faultsToldMax).map(({ pointer, detail }) => `${pointer} ${detail}`)
  const code = rpcCodes[status] ?? rpcInternal
  const message = [detail, ...told].join(' ')
  if (readEssence(request) === protobuf) return encodeStatus({ code, message })
  if (errors.length === 0) return { code, message }
  const fieldViolations = errors.map(({ pointer: field, detail: description }) => {
    return { field, description }
  })
  const badRequest = { '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations }
  return { code, message, details: [badRequest] }
}
