import pg from 'pg'
import { Refusal } from '../../base/refusal.ts'

/** SQLSTATE of an error of the server; undefined for any other error, such as EPIPE. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined
}

/**
 * Deadlock, serialization failure, lock and statement timeouts, a primary that became a standby
 * (fail-over), a session ended by timeout or by an administrator, a server that starts, stops or
 * has no session left: with a new transaction, perhaps on a new session, it may well succeed.
 */
const passingStates: ReadonlySet<string> = new Set([
  ...['40001', '40P01', '55P03', '57014', '25006', '25P03', '57P05'],
  ...['57P01', '57P02', '57P03', '53300'],
])

/** What Node and `pg` say of a connection that failed; those have no SQLSTATE. */
const lostCodes: ReadonlySet<unknown> = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'],
  ...['ENOTFOUND', 'EAI_AGAIN', 'ECONNABORTED', 'EHOSTDOWN', 'ERR_STREAM_DESTROYED'],
])
const lostMessages =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Query read timeout|Client was closed|Cannot use a pool after|write after end|This socket has been ended)/

/** The session is gone, or the server could not be reached at all. */
export function isLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (error instanceof AggregateError) return error.errors.some(isLost)
  const state = sqlState(error)
  if (state !== undefined) return /^(08|57P)/.test(state) || state === '25P03'
  return ('code' in error && lostCodes.has(error.code)) || lostMessages.test(error.message)
}

/** The same work may succeed if it is done again from the start. */
export function isPassing(error: unknown): boolean {
  const state = sqlState(error)
  if (isLost(error) || (state !== undefined && passingStates.has(state))) return true
  // Another node made the log a moment ago: the next look finds it.
  return error instanceof pg.DatabaseError && state === '23505' && error.constraint === 'log_pkey'
}

/** Disk full, out of memory, and the server's other limits. */
const isExhausted = (state: string | undefined): boolean => state?.startsWith('53') === true

/** Errors of storage that a statement meets: I/O, damaged pages. */
const isDamaged = (state: string | undefined): boolean =>
  state === '58030' || state?.startsWith('XX') === true

/** What the trigger of a store that was moved elsewhere raises; its message says where to. */
export const movedState = 'IND01'

/**
 * A failure of PostgreSQL as the refusal the caller gets: the transaction was rolled back and
 * nothing was kept. Undefined for what is a bug.
 */
export function toRefusal(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error
  const state = sqlState(error)
  const refuse = (detail: string, retryAfterS: number) =>
    new Refusal('store-unavailable', { detail, retryAfterS })
  if (state === movedState && error instanceof Error) return refuse(error.message, 60)
  if (state === '53100') {
    return refuse(
      'The disk of the database is full. Nothing of this request was kept; free some space.',
      10,
    )
  }
  if (isPassing(error)) {
    return refuse('The database can not be used right now. Nothing of this request was kept.', 2)
  }
  if (isExhausted(state)) {
    return refuse('The database is short of resources. Nothing of this request was kept.', 5)
  }
  if (isDamaged(state)) {
    return refuse('The database failed to read or write. Nothing of this request was kept.', 30)
  }
  return undefined
}
