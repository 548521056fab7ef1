import type { Fault, ProblemCode } from '@indelible/protocol'

/** Facts that a refusal can carry beside its code; which ones depends on the code. */
export interface RefusalFacts {
  /** One sentence for the caller: what is wrong and what to do. Never another tenant's data. */
  readonly detail: string
  /** Faults by JSON pointer. */
  readonly errors?: readonly Fault[]
  /** When it is worth trying again, in seconds. */
  readonly retryAfterS?: number
}

/**
 * The caller can act on it: a closed union of codes, no HTTP status (see `http/problems.ts`).
 * Anything else that is thrown is a fault of the world or a bug of ours.
 */
export class Refusal extends Error {
  readonly code: ProblemCode
  readonly errors: readonly Fault[] | undefined
  readonly retryAfterS: number | undefined

  constructor(code: ProblemCode, facts: RefusalFacts) {
    super(facts.detail)
    this.name = 'Refusal'
    this.code = code
    this.errors = facts.errors
    this.retryAfterS = facts.retryAfterS
  }
}

/** A refusal as plain data, for crossing a thread (a class does not survive structured cloning). */
export interface EncodedRefusal extends RefusalFacts {
  readonly code: ProblemCode
}

export function encodeRefusal({ code, message, errors, retryAfterS }: Refusal): EncodedRefusal {
  return {
    code,
    detail: message,
    ...(errors === undefined ? {} : { errors }),
    ...(retryAfterS === undefined ? {} : { retryAfterS }),
  }
}

export function decodeRefusal({ code, ...facts }: EncodedRefusal): Refusal {
  return new Refusal(code, facts)
}
