import type { Fault } from '@indelible/protocol'
import type { ExitCode } from './exit-codes.ts'

interface FailureFacts {
  /** Problem code of the service, or one of the command line's own. */
  readonly code?: string | undefined
  readonly errors?: readonly Fault[] | undefined
  /** HTTP status, where an answer was had. */
  readonly status?: number | undefined
  /** The service's own wish, in milliseconds. */
  readonly retryAfterMs?: number | undefined
}

/** Ends a command: one clear sentence for people, an exit code for scripts. */
export class Failure extends Error {
  readonly exitCode: ExitCode
  readonly code: string | undefined
  readonly errors: readonly Fault[]
  readonly status: number | undefined
  readonly retryAfterMs: number | undefined

  constructor(exitCode: ExitCode, message: string, facts: FailureFacts = {}) {
    super(message)
    this.name = 'Failure'
    this.exitCode = exitCode
    this.code = facts.code
    this.errors = facts.errors ?? []
    this.status = facts.status
    this.retryAfterMs = facts.retryAfterMs
  }
}
