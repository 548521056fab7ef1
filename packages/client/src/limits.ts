/** Every bound and default of the client, each with its reason. */

/** Events and bytes waiting in memory where there is no spool. */
export const queueEventsMax = 10_000
export const queueBytesMax = 32 * 1024 * 1024
/** Undelivered bytes in a spool: hours of an outage. On the disk it may be thrice that for a moment. */
export const spoolBytesMax = 256 * 1024 * 1024
/** Bytes of what was refused for good; beyond it the hook alone gets it. */
export const rejectedBytesMax = 64 * 1024 * 1024
/** Delivered bytes from which a spool is written anew, if little of it is left. */
export const compactBytesMin = 1024 * 1024
/** What is copied then, at most: `record` waits for it. */
export const compactCopyBytesMax = 4 * 1024 * 1024

/** Events and bytes of one request: far below the service's bounds, so that a retry costs little. */
export const batchEventsMax = 500
export const batchBytesMax = 1024 * 1024
/** How long the first event waits for others to go with it. */
export const lingerMs = 20
/** An answer that takes longer is taken for lost, and asked for again. */
export const requestTimeoutMs = 10_000
/**
 * What is read of an answer to events: 10,000 heads, or faults, are less. Whoever answers may be no
 * Indelible, and never come to an end.
 */
export const answerBytesMax = 16 * 1024 * 1024
/** Of one that is read: a page of 1,000 entries of 256 KiB. */
export const pageBytesMax = 320 * 1024 * 1024
/** Of one message of a stream: an entry, and its hashes. */
export const messageCharsMax = 4 * 1024 * 1024
/** Tries of one `append`, or of one read, from first to last. */
export const appendTimeoutMs = 30_000
/** What `close` waits for, whatever the service says. */
export const closeTimeoutMs = 30_000
/** Pauses between tries: random up to a bound that doubles (full jitter). */
export const retryBaseMs = 100
export const retryMsMax = 30_000
/** A `Retry-After` beyond this is a mistake of somebody. */
export const retryAfterMsMax = 10 * 60_000
/** Answers of 500 to a batch, one after the other, from which on it is asked which event is to blame. */
export const stumblesMax = 3
/** Events of a batch tried alone, to tell whether what it met holds for all of it. */
export const probesMax = 3
/** Tries of an event at which the service stumbles, and not at others; so long apart: ten minutes. */
export const suspectTriesMax = 5
export const suspectPauseMs = 150_000
/** Such events at the end of the line; with more of them the line waits: that is an outage. */
export const suspectsMax = 100
/** A stream is never silent for longer: the service's heartbeat comes every 15 s. */
export const streamSilenceMsMax = 45_000
/** Between syncs of a spool, with `fsync: 'second'`. */
export const syncIntervalMs = 1_000
/** A lock of another host is given up by it after so long without a sign of life. */
export const lockTouchMs = 5_000
export const lockStaleMs = 30_000

/** What the service takes of an event. One with more would be refused whole, whoever brought it about. */
export const actionCharsMax = 200
export const targetsMax = 64
/** Of an actor, a target and their like. */
export const idCharsMax = 2_048
export const typeCharsMax = 200
export const tenantPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/
