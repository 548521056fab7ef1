import type { Refusal } from '../../../base/refusal.ts'

/**
 * The viewer takes `errors` for a faulty query, and an answer without for a token that is over:
 * then it fetches another.
 */
export function describeRetraced(refusal: Refusal, status: number): object {
  const { code, message, errors = [{ pointer: '', detail: message }] } = refusal
  if (status === 401) return { error: message, code }
  const named = errors.map(({ pointer, detail }) => ({ message: detail, pointer }))
  return { error: message, code, errors: named }
}
