import { Refusal } from '../../base/refusal.ts'

const primaryCodes = { busy: 5, locked: 6, full: 13 } as const

/** `SQLITE_CONSTRAINT_TRIGGER`: the only triggers are those of a store that has moved. */
const triggerCode = 1811

/** Result code of an SQLite error; undefined for any other error. */
function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined
  return typeof error.errcode === 'number' ? error.errcode : undefined
}

/**
 * A failure of SQLite that the world can mend while we run, as the refusal the caller gets: the
 * transaction was rolled back and nothing was kept. Undefined for everything else (I/O errors,
 * corruption, bugs): what is on the disk is then in doubt, appending stops, and a restart decides.
 */
export function toRefusal(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error
  const code = resultCode(error)
  if (code === triggerCode && error instanceof Error) {
    return new Refusal('ledger-stopped', { detail: error.message })
  }
  switch (code === undefined ? undefined : code & 0xff) {
    case primaryCodes.full:
      return new Refusal('store-unavailable', {
        detail: 'The disk is full. Nothing of this request was kept; free some space.',
        retryAfterS: 10,
      })
    case primaryCodes.busy:
    case primaryCodes.locked:
      return new Refusal('store-unavailable', {
        detail: 'The database is held by another program. Nothing of this request was kept.',
        retryAfterS: 2,
      })
    default:
      return undefined
  }
}
