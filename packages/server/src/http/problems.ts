import type { Problem, ProblemCode } from '@indelible/protocol'
import type { Refusal } from '../base/refusal.ts'

/**
 * The one table that turns codes into RFC 9457 problem details: status and title of each code.
 * docs/reference/problems.md and OpenAPI are checked against it, both ways.
 */
export const problemTable: Readonly<Record<ProblemCode, { status: number; title: string }>> = {
  'http-malformed': { status: 400, title: 'The request breaks the rules of HTTP' },
  'json-malformed': { status: 400, title: 'The JSON is malformed or cannot be kept faithfully' },
  'query-invalid': { status: 400, title: 'The query is faulty' },
  'cursor-invalid': { status: 400, title: 'The cursor is not one of ours for this query' },
  'credentials-missing': { status: 401, title: 'Credentials are missing' },
  'credentials-invalid': { status: 401, title: 'Credentials are not valid' },
  'scope-insufficient': { status: 403, title: 'The credential does not cover this' },
  'forgery-suspected': { status: 403, title: 'The request may be another page’s' },
  'entry-unknown': { status: 404, title: 'There is no such entry' },
  'log-unknown': { status: 404, title: 'There is no such log' },
  'route-unknown': { status: 404, title: 'There is no such route' },
  'resource-unknown': { status: 404, title: 'There is no such resource' },
  'request-timeout': { status: 408, title: 'The request did not arrive in time' },
  'idempotency-conflict': { status: 409, title: 'The id is taken by another event' },
  'resource-conflict': { status: 409, title: 'The resource exists already' },
  'entry-erased': { status: 410, title: 'The entry was erased' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'media-type-unsupported': { status: 415, title: 'The media type is not supported' },
  'event-invalid': { status: 422, title: 'An event is not valid' },
  'request-invalid': { status: 422, title: 'The request is not valid' },
  'rate-exceeded': { status: 429, title: 'Too many requests' },
  'headers-too-large': { status: 431, title: 'The URL and headers are too large' },
  pushback: { status: 503, title: 'More is waiting to be written than may wait' },
  'store-unavailable': { status: 503, title: 'The store is out of reach' },
  'ledger-stopped': { status: 503, title: 'The ledger has stopped appending' },
  'checkpoint-pending': { status: 503, title: 'No checkpoint covers the entry yet' },
  'clock-behind': { status: 503, title: 'The clock is behind the log' },
  internal: { status: 500, title: 'A fault of ours' },
}

/** Seconds a caller is told to wait where the refusal itself names none. */
const retryAfterDefaultS: Partial<Record<ProblemCode, number>> = {
  'rate-exceeded': 5,
  pushback: 1,
  'store-unavailable': 5,
  'ledger-stopped': 30,
  'checkpoint-pending': 1,
  'clock-behind': 30,
}

/** A refusal as the wire has it: problem details and, for 429 and 503, `Retry-After` seconds. */
export function describeRefusal(refusal: Refusal): { problem: Problem; retryAfterS?: number } {
  const { status, title } = problemTable[refusal.code]
  const problem: Problem = {
    type: `/docs/problems#${refusal.code}`,
    title,
    status,
    detail: refusal.message,
    code: refusal.code,
    ...(refusal.errors === undefined ? {} : { errors: [...refusal.errors] }),
  }
  const retryAfterS = refusal.retryAfterS ?? retryAfterDefaultS[refusal.code]
  return retryAfterS === undefined ? { problem } : { problem, retryAfterS }
}
