import { STATUS_CODES } from 'node:http'
import { type Static, Type } from '@fastify/type-provider-typebox'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { type FieldFault, Refusal, type RefusalCode } from '../refusal.ts'
import { listFaults } from './validate.ts'

const statuses: Readonly<Record<RefusalCode, number>> = {
  'request-invalid': 400,
  'json-malformed': 400,
  'credentials-missing': 401,
  'credentials-invalid': 401,
  'login-failed': 401,
  'permission-missing': 403,
  'route-unknown': 404,
  'item-unknown': 404,
  'username-taken': 409,
  'body-too-large': 413,
  'media-type-unsupported': 415,
  'rate-exceeded': 429,
  'audit-unavailable': 503,
}

/** The one shape of every error. */
export const problemSchema = Type.Object(
  {
    status: Type.Integer({ description: 'The HTTP status.' }),
    title: Type.String({ description: 'What the status is called.' }),
    code: Type.String({ description: 'What a program decides by.' }),
    detail: Type.String({ description: 'What a person reads.' }),
    request: Type.String({ description: 'Id of the request, also in the audit trail.' }),
    errors: Type.Optional(
      Type.Array(Type.Object({ field: Type.String(), detail: Type.String() }), {
        description: 'Every fault of the request, by the name of its field.',
      }),
    ),
  },
  { $id: 'Problem', description: 'Why the request was not done.' },
)
type Problem = Static<typeof problemSchema>

/** Response schemas of a route that can be refused for these reasons. */
export const problemResponses = (...codes: readonly number[]) =>
  Object.fromEntries(
    [...codes, 429, 500].map((status) => [
      status,
      {
        description: STATUS_CODES[status] ?? '',
        content: { 'application/problem+json': { schema: { $ref: 'Problem#' } } },
      },
    ]),
  )

/** Answers whatever was thrown; what is no refusal is a bug, and says nothing of itself. */
export function answerProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const refusal = toRefusal(error)
  if (refusal === undefined) request.log.error({ err: error }, 'a request failed')
  const status = refusal === undefined ? 500 : statuses[refusal.code]
  // RFC 9110 §11.6.1 wants it beside every 401.
  if (status === 401) reply.header('www-authenticate', 'Bearer')
  if (status === 503) reply.header('retry-after', '5')
  const problem: Problem = {
    status,
    title: STATUS_CODES[status] ?? 'Error',
    code: refusal?.code ?? 'internal',
    detail: refusal?.message ?? 'Something went wrong on our side.',
    request: request.id,
    ...(refusal === undefined || refusal.errors.length === 0
      ? {}
      : { errors: [...refusal.errors] }),
  }
  // As text: the schema of the route that failed may know nothing of this status.
  reply
    .code(status)
    .header('content-type', 'application/problem+json')
    .serializer((payload: unknown) => JSON.stringify(payload))
    .send(problem)
}

function toRefusal(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error
  if (!(error instanceof Error)) return undefined
  // What Fastify throws has this shape; members that a foreign error lacks are undefined.
  const { code, statusCode, validation, validationContext } = error as Partial<FastifyError>
  if (validation !== undefined) {
    return refuseFields(listFaults(validation, validationContext ?? 'body'))
  }
  switch (code) {
    case 'FST_ERR_BAD_URL':
      return refuseFields([{ field: 'path', detail: 'is no valid URL' }])
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new Refusal('body-too-large', 'The body is larger than 64 KiB.')
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new Refusal(
        'media-type-unsupported',
        'Send JSON, with Content-Type: application/json.',
      )
  }
  const isCallers = statusCode !== undefined && statusCode < 500
  return isCallers ? new Refusal('json-malformed', error.message) : undefined
}

/** 400, with every fault named. */
export function refuseFields(errors: readonly FieldFault[]): Refusal {
  const fields = [...new Set(errors.map(({ field }) => field))].join(', ')
  return new Refusal('request-invalid', `Not as it should be: ${fields}.`, errors)
}
