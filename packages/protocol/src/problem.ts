import { type Static, Type } from 'typebox'

/** Every reason for which a request can be refused or fail. One code, one meaning, for good. */
export const problemCodes = [
  'http-malformed',
  'json-malformed',
  'query-invalid',
  'cursor-invalid',
  'request-invalid',
  'credentials-missing',
  'credentials-invalid',
  'scope-insufficient',
  'entry-unknown',
  'log-unknown',
  'route-unknown',
  'resource-unknown',
  'idempotency-conflict',
  'resource-conflict',
  'request-timeout',
  'entry-erased',
  'body-too-large',
  'media-type-unsupported',
  'event-invalid',
  'rate-exceeded',
  'headers-too-large',
  'pushback',
  'store-unavailable',
  'ledger-stopped',
  'checkpoint-pending',
  'clock-behind',
  'internal',
] as const
export type ProblemCode = (typeof problemCodes)[number]

export const Fault = Type.Object({
  pointer: Type.String({ description: 'RFC 6901 JSON pointer of the faulty member.' }),
  detail: Type.String(),
})
/** One fault of a request: where, and what is wrong there. */
export type Fault = Static<typeof Fault>

/** RFC 9457 problem details, with our `code` and `errors`. */
export const Problem = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.String(),
  code: Type.String(),
  errors: Type.Optional(Type.Array(Fault)),
})
export type Problem = Static<typeof Problem>
