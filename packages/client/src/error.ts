/** The service's reasons (RFC 9457 `code`), as docs/reference/problems.md has them. */
export type ProblemCode =
  | 'http-malformed'
  | 'json-malformed'
  | 'query-invalid'
  | 'cursor-invalid'
  | 'request-invalid'
  | 'credentials-missing'
  | 'credentials-invalid'
  | 'scope-insufficient'
  | 'forgery-suspected'
  | 'entry-unknown'
  | 'log-unknown'
  | 'route-unknown'
  | 'resource-unknown'
  | 'idempotency-conflict'
  | 'resource-conflict'
  | 'request-timeout'
  | 'entry-erased'
  | 'body-too-large'
  | 'media-type-unsupported'
  | 'event-invalid'
  | 'rate-exceeded'
  | 'headers-too-large'
  | 'pushback'
  | 'store-unavailable'
  | 'ledger-stopped'
  | 'checkpoint-pending'
  | 'clock-behind'
  | 'internal'

/** Reasons of the client's own. */
export type LocalCode =
  /** Nothing answers at the address, or the connection broke off. */
  | 'unreachable'
  /** What answers doesn't speak as Indelible does: a proxy, another service. */
  | 'answer-unexpected'
  /** The caller's own signal ended it. */
  | 'aborted'
  | 'settings-invalid'
  /** As much is waiting as may wait. */
  | 'queue-full'
  | 'spool-failed'
  /** Another process, or another client of this one, has the spool. */
  | 'spool-in-use'
  | 'spool-damaged'
  | 'client-closed'
  /** This runtime has no AsyncLocalStorage. */
  | 'context-unavailable'

/** One fault of a request: where (RFC 6901), and what is wrong there. */
export interface Fault {
  readonly pointer: string
  readonly detail: string
}

export interface ClientErrorFacts {
  /** HTTP status, where there was an answer. */
  readonly status?: number | undefined
  readonly errors?: readonly Fault[] | undefined
  /** How long the service asks to wait, in milliseconds. */
  readonly retryAfterMs?: number | undefined
  /** Id of the event, whose repeat would be the same event. */
  readonly eventId?: string | undefined
  readonly cause?: unknown
}

/** Everything this client throws. Decide by `code`; the message is for people. */
export class ClientError extends Error {
  readonly code: ProblemCode | LocalCode
  readonly status: number | undefined
  readonly errors: readonly Fault[]
  readonly retryAfterMs: number | undefined
  readonly eventId: string | undefined

  constructor(code: ProblemCode | LocalCode, message: string, facts: ClientErrorFacts = {}) {
    super(message, facts.cause === undefined ? {} : { cause: facts.cause })
    this.name = 'ClientError'
    this.code = code
    this.status = facts.status
    this.errors = facts.errors ?? []
    this.retryAfterMs = facts.retryAfterMs
    this.eventId = facts.eventId
  }

  /** The same request may succeed later, unchanged. */
  get isTransient(): boolean {
    if (this.code === 'unreachable' || this.code === 'answer-unexpected') return true
    return this.status === 408 || this.status === 429 || (this.status ?? 0) >= 500
  }
}

export const toClientError = (error: unknown): ClientError =>
  error instanceof ClientError
    ? error
    : new ClientError('unreachable', error instanceof Error ? error.message : String(error), {
        cause: error,
      })
