import { setTimeout as delay } from 'node:timers/promises'
import { isLost, isPassing } from '../store/postgres/failure.ts'
import { openPool, type Pool } from '../store/postgres/open.ts'
import { messageOf } from '../verify/finding.ts'
import { type DatabaseAddress, nameStore } from './store-address.ts'

/** The database can't be reached, or not for long enough; the same command may work later. */
export class DatabaseOutOfReachError extends Error {
  constructor(address: DatabaseAddress, cause: unknown) {
    super(`${nameStore(address)} can't be reached: ${describe(cause)}.`, { cause })
    this.name = 'DatabaseOutOfReachError'
  }
}

/** Of several addresses of one host that were tried, the first says it best. */
const describe = (error: unknown): string =>
  error instanceof AggregateError ? messageOf(error.errors[0]) : messageOf(error)

/** Sessions of an operation that die are replaced; what they were doing fails by itself. */
const ignoreFault = (): void => undefined

/**
 * Opens pools on a store and its guard; they are closed when it is disposed.
 * @throws DatabaseOutOfReachError where a connection failed
 */
export async function openDatabase(
  address: DatabaseAddress,
  options: {
    readonly name: string
    readonly connections: number
    /** Told of the store's pool before its first session is opened. */
    readonly onOpened?: (pool: Pool) => void
  },
): Promise<AsyncDisposable & { readonly pool: Pool; readonly guardPool: Pool }> {
  const { name, connections, onOpened } = options
  await using cleanup = new AsyncDisposableStack()
  const open = (url: string): Pool => {
    const pool = openPool({ url, name, connections, onFault: ignoreFault })
    cleanup.defer(() => pool.end())
    return pool
  }
  const pool = open(address.store)
  onOpened?.(pool)
  const guardPool = address.guard === undefined ? pool : open(address.guard)
  await pool.query('SELECT 1').catch((error) => {
    throw isLost(error) ? new DatabaseOutOfReachError(address, error) : refine(address, error)
  })
  const opened = cleanup.move()
  return { pool, guardPool, [Symbol.asyncDispose]: () => opened.disposeAsync() }
}

/** No such database, no such user, no password: a sentence, with the server's own words. */
const refine = (address: DatabaseAddress, error: unknown): Error =>
  new Error(`${nameStore(address)} refuses: ${messageOf(error)}.`)

const attempts = 10
const pauseMs = 1_000

/**
 * The same functions, each repeated while the failure of the database may pass. What does not pass
 * is kept in `outage`, for callers that take a failed read for a finding.
 */
export function bearOutages<T extends object>(
  store: T,
  address: DatabaseAddress,
): { readonly store: T; readonly outage: () => DatabaseOutOfReachError | undefined } {
  let outage: DatabaseOutOfReachError | undefined
  const patient = async (call: (...args: unknown[]) => Promise<unknown>, args: unknown[]) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await call(...args)
      } catch (error) {
        if (!isPassing(error)) throw error
        if (attempt < attempts && outage === undefined) await delay(pauseMs)
        else {
          outage ??= new DatabaseOutOfReachError(address, error)
          throw outage
        }
      }
    }
  }
  const calls = Object.entries(store as Record<string, (...args: unknown[]) => Promise<unknown>>)
  const wrapped = Object.fromEntries(
    calls.map(([name, call]) => [name, (...args: unknown[]) => patient(call, args)]),
  )
  return { store: wrapped as T, outage: () => outage } // the same functions, each repeated
}
