import type { ClientError } from './error.ts'
import type { AuditEvent } from './event.ts'
import type { OnFull } from './intake.ts'

/**
 * When a spool is forced to the disk. A killed process loses nothing in any of them: the operating
 * system has what was written. They differ in a power cut: `each` loses nothing, `second` (the
 * default) at most the last second, `never` what the operating system still held.
 */
export type FsyncPolicy = 'each' | 'second' | 'never'

export interface ClientOptions {
  /** Where Indelible is: `https://audit.example`. */
  readonly url: string
  /** An API key with the scope `append`, and `read` or `export` for what is read. */
  readonly key?: string
  /** Which service submits; the `source` of events that name none. */
  readonly source?: string
  /** The `tenant` of events that name none, in a context without one; and of reads. */
  readonly tenant?: string

  /** A file in which `record` keeps events until the service has them. One for each process. */
  readonly spool?: string
  /** When the spool is forced to the disk. Default: `second`. */
  readonly fsync?: FsyncPolicy
  /** Undelivered bytes that a spool may hold. Default: 256 MiB. */
  readonly spoolBytesMax?: number
  /** Without a spool: events, and bytes of them, that may wait in memory. Default: 10,000, 32 MiB. */
  readonly queueEventsMax?: number
  readonly queueBytesMax?: number
  /**
   * What `record` does when no more may wait: `throw` (the default) a ClientError `queue-full`;
   * `block`: its promise waits for room; or a function that gets the event, which is not kept.
   */
  readonly onFull?: OnFull<AuditEvent>

  /** Events of one request. Default: 500. */
  readonly batchEventsMax?: number
  /** How long an event waits for others to go with it. Default: 20 ms. */
  readonly lingerMs?: number
  /** An answer that takes longer counts as lost. Default: 10 s. */
  readonly requestTimeoutMs?: number
  /** How long `append` and reads go on trying. Default: 30 s. */
  readonly appendTimeoutMs?: number
  /** How long `close` waits for what is undelivered. Default: 30 s. */
  readonly closeTimeoutMs?: number
  /** Deliver what there is before SIGTERM ends the process. Default: true. */
  readonly drainOnSigterm?: boolean

  /**
   * Refused for good: by the service, or because it names no actor. With a spool it is kept aside in
   * `<spool>.rejected` already. Default: stderr, the 1st, 10th, 100th … of a message.
   */
  readonly onRejected?: (rejected: Rejected) => void
  /** Events that are lost: without a spool, what `close` could not deliver. Default: a line on stderr. */
  readonly onDropped?: (dropped: Dropped) => void
  /**
   * A try failed and there will be another; or the spool's housekeeping failed. Default: of what was
   * recorded, stderr, the 1st, 10th, 100th … of a message since something was delivered.
   */
  readonly onError?: (error: ClientError, facts: { readonly retryInMs?: number }) => void

  /** Injected by tests. */
  readonly clock?: () => number
  readonly random?: () => number
  readonly fetch?: typeof fetch
}

export interface Rejected {
  /** As it was sent; its text where a damaged spool, or a row of an outbox, holds no event. */
  readonly event: AuditEvent | string
  readonly error: ClientError
}

export interface Dropped {
  readonly events: readonly AuditEvent[]
  readonly error: ClientError
}

/** Counts since the client was made. */
export interface ClientStats {
  /** Taken by `record`, those found in the spool included. */
  readonly recorded: number
  /** Recorded ones that the service acknowledged. */
  readonly delivered: number
  /** Acknowledged by `append`. */
  readonly appended: number
  /** Refused for good, and handed to `onRejected`. */
  readonly rejected: number
  /** Not taken, because no more might wait: thrown, or handed to `onFull`. */
  readonly refused: number
  /** Lost at `close`, and handed to `onDropped`. */
  readonly dropped: number
  /** Tries after the first. */
  readonly retries: number
  /** Waiting now. */
  readonly pending: number
  readonly pendingBytes: number
}

/** How a client ended. */
export interface Closed {
  /** Recorded events that were not delivered. They are in the spool, or, without one, lost. */
  readonly undelivered: number
  /** The spool that still holds them, for the next start. */
  readonly spool?: string
}
