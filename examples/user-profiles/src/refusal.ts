/** Why a request is not done. The caller can act on each; `http/problems.ts` gives the status. */
export type RefusalCode =
  | 'input-invalid'
  | 'json-malformed'
  | 'body-too-large'
  | 'media-type-unsupported'
  | 'request-invalid'
  | 'credentials-missing'
  | 'credentials-invalid'
  | 'route-unknown'
  | 'user-unknown'
  | 'email-taken'
  | 'version-outdated'
  | 'database-unavailable'
  | 'trail-unavailable'

/** One fault of the input: which field, and what it should be. */
export interface Fault {
  readonly field: string
  readonly detail: string
}

/** Thrown where a request can't be done; not an error of the application. */
export class Refusal extends Error {
  readonly code: RefusalCode
  readonly faults: readonly Fault[]

  constructor(
    code: RefusalCode,
    message: string,
    faults: readonly Fault[] = [],
    options: ErrorOptions = {},
  ) {
    super(message, options)
    this.name = 'Refusal'
    this.code = code
    this.faults = faults
  }
}
