import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'

/** Which store a test's services keep: a data folder, unless this says `postgres`. */
const testStoreVariable = 'INDELIBLE_TEST_STORE'
/** The PostgreSQL that they then share; shared-postgres.ts starts it. */
export const testServerVariable = 'INDELIBLE_TEST_STORE_URL'

/** Asks a database, as a program of somebody else's does. @returns the rows of a single statement */
export async function askDatabase(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

/** A database of a server, made for one test. @returns its URL */
export async function createTestDatabase(server: string): Promise<string> {
  const name = `test_${randomBytes(8).toString('hex')}`
  await askDatabase(server, `CREATE DATABASE ${name} TEMPLATE template0`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}

/** Writes a seed for nodes to share. @returns its path */
export function createTestSeed(folder: string): string {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 'shared.seed')
  if (!existsSync(path)) writeFileSync(path, randomBytes(32), { mode: 0o600 })
  return path
}

/**
 * Variables of a service whose store is named by a folder: the folder itself, or a database that
 * the folder remembers, so that a service started on it again finds what it left.
 */
export async function findTestStore(folder: string): Promise<Record<string, string>> {
  const server = process.env[testServerVariable]
  const isOnPostgres = process.env[testStoreVariable] === 'postgres'
  if (!isOnPostgres || server === undefined) return { INDELIBLE_DATA: folder }
  const seed = createTestSeed(folder)
  const remembered = join(folder, 'database.url')
  if (!existsSync(remembered)) writeFileSync(remembered, await createTestDatabase(server))
  return {
    INDELIBLE_STORE: readFileSync(remembered, 'utf8'),
    INDELIBLE_SEED_FILE: seed,
    INDELIBLE_DRAIN_SECONDS: '0',
  }
}
