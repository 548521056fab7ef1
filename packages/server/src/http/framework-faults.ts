import { type Fault, limits } from '@indelible/protocol'
import type { FastifyError, FastifyRequest } from 'fastify'
import { appendPointer } from '../base/pointer.ts'
import { Refusal } from '../base/refusal.ts'

/** Whatever was thrown, as a refusal; what is not the caller's doing goes to the diagnostics. */
export function toRefusal(error: unknown, request: FastifyRequest): Refusal {
  if (error instanceof Refusal) return error
  const refusal = fromFastify(error as FastifyError) // at worst it has no code
  if (refusal !== undefined) return refusal
  request.log.error({ err: error, request: request.id }, 'request failed')
  return new Refusal('internal', {
    detail: `Something failed on our side. The request id is ${request.id}.`,
  })
}

/** Fastify's own refusals, in our words; undefined for what is not the caller's doing. */
export function fromFastify(error: FastifyError): Refusal | undefined {
  if (error.validation !== undefined) {
    const errors = error.validation.flatMap(describeFault)
    const where = error.validationContext ?? 'request'
    const code = where === 'body' ? 'request-invalid' : 'query-invalid'
    return new Refusal(code, { detail: `The ${where} is not valid.`, errors })
  }
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new Refusal('body-too-large', {
        detail: `A body may have ${limits.bodyBytesMax} bytes. Send smaller batches.`,
      })
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new Refusal('media-type-unsupported', {
        detail: 'Send application/json; events are also accepted as application/x-ndjson.',
      })
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return new Refusal('json-malformed', { detail: 'The body is not complete, valid JSON.' })
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return refuseBadUrl()
    default:
      return error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500
        ? new Refusal('request-invalid', { detail: error.message })
        : undefined
  }
}

export const refuseBadUrl = (): Refusal =>
  new Refusal('route-unknown', { detail: 'The path is not a valid URL path, or too long.' })

type ValidationFault = NonNullable<FastifyError['validation']>[number]

/** A missing or unknown member is pointed at itself, not at the object around it. */
function describeFault(fault: ValidationFault): Fault[] {
  const { instancePath, params, message = 'is not valid' } = fault
  const names = params.requiredProperties ?? params.additionalProperties
  if (!Array.isArray(names)) return [{ pointer: instancePath, detail: message }]
  const detail = params.requiredProperties === undefined ? 'is not a known member' : 'is missing'
  return names.map((name) => ({ pointer: appendPointer(instancePath, String(name)), detail }))
}
