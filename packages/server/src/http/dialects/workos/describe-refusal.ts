import type { Refusal } from '../../../base/refusal.ts'

/** Statuses whose `errors` its clients look for; with any other they would take it for a 400. */
const itemised: ReadonlySet<number> = new Set([400, 422])

/**
 * What none of its clients stumbles over: never empty, never with a member `error`. Of a 422 they
 * show nothing but the `code` of each of the `errors`, so that says it all.
 */
export function describeWorkos({ code, message, errors }: Refusal, status: number): object {
  if (!itemised.has(status)) return { code, message }
  const named = errors ?? [{ pointer: '', detail: message }]
  return {
    ...{ code, message },
    errors: named.map(({ pointer, detail }) => ({
      code: pointer === '' ? detail : `${pointer}: ${detail}`,
      ...{ field: pointer, message: detail },
    })),
  }
}
