import { setTimeout as delay } from 'node:timers/promises'
import { isPassing } from '../store/postgres/failure.ts'
import { openPool, type Pool } from '../store/postgres/open.ts'
import { DatabaseOutOfReachError, tellOutages } from './outage.ts'
import type { DatabaseAddress } from './store-address.ts'

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
  await tellOutages([address], () => pool.query('SELECT 1'))
  const opened = cleanup.move()
  return { pool, guardPool, [Symbol.asyncDispose]: () => opened.disposeAsync() }
}

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
