import { startPostgres } from './postgres.ts'
import { testServerVariable } from './test-store.ts'

/**
 * Starts one PostgreSQL for all tests of a run that are to use it; each of their services gets a
 * database of its own. Vitest calls this once, before it starts the tests' processes.
 * @returns what stops it
 */
export async function setup(): Promise<() => Promise<void>> {
  const postgres = await startPostgres()
  process.env[testServerVariable] = postgres.url
  return async () => postgres[Symbol.asyncDispose]()
}
