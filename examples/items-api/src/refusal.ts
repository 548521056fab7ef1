/** Why a request is not done, where the caller can do something about it. */
export type RefusalCode =
  | 'request-invalid'
  | 'json-malformed'
  | 'credentials-missing'
  | 'credentials-invalid'
  | 'login-failed'
  | 'permission-missing'
  | 'route-unknown'
  | 'item-unknown'
  | 'username-taken'
  | 'body-too-large'
  | 'media-type-unsupported'
  | 'rate-exceeded'
  | 'audit-unavailable'

/** One fault of a request: the field by its name, and what is wrong with it. */
export interface FieldFault {
  readonly field: string
  readonly detail: string
}

/** What the routes throw; problems.ts makes an answer of it. */
export class Refusal extends Error {
  readonly code: RefusalCode
  readonly errors: readonly FieldFault[]

  constructor(code: RefusalCode, detail: string, errors: readonly FieldFault[] = []) {
    super(detail)
    this.name = 'Refusal'
    this.code = code
    this.errors = errors
  }
}
