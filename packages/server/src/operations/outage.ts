import { messageOf } from '../base/message-of.ts'
import { Refusal } from '../base/refusal.ts'
import { type DatabaseAddress, nameStore, type StoreAddress } from './store-address.ts'

/** The database can't be reached, or not for long enough; the same command may work later. */
export class DatabaseOutOfReachError extends Error {
  constructor(address: DatabaseAddress, cause: unknown) {
    const reason = messageOf(cause).replace(/\.$/, '')
    super(`${nameStore(address)} can't be reached: ${reason}.`, { cause })
    this.name = 'DatabaseOutOfReachError'
  }
}

/**
 * Does the work; a failure of a database among the stores becomes a sentence that names it. Where
 * there are two databases nobody can tell which one it was, and the first is named.
 * @throws DatabaseOutOfReachError, Error with the server's own words, or whatever the work throws
 */
export async function tellOutages<T>(
  stores: readonly StoreAddress[],
  work: () => Promise<T>,
): Promise<T> {
  const address = stores.find((at) => 'store' in at)
  try {
    return await work()
  } catch (error) {
    if (address === undefined || error instanceof DatabaseOutOfReachError) throw error
    // Loaded here, so that who has no database does without its driver.
    const { isPassing, sqlState } = await import('../store/postgres/failure.ts')
    const isOutage = error instanceof Refusal && error.code === 'store-unavailable'
    if (isOutage || isPassing(error)) throw new DatabaseOutOfReachError(address, error)
    if (sqlState(error) === undefined) throw error
    throw new Error(`${nameStore(address)} refuses: ${messageOf(error)}.`, { cause: error })
  }
}
