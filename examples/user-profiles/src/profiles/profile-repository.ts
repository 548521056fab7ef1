import { type Database, readSqlState, type Transaction } from '../database/transaction.ts'
import { Refusal } from '../refusal.ts'
import type { Profile, ProfileFields } from './profile.ts'

/**
 * Profiles in PostgreSQL. What a function needs to be in, it takes: a transaction, where it
 * locks or writes.
 */

interface Row extends ProfileFields {
  readonly id: string
  readonly version: number
  readonly created_at: Date
  readonly updated_at: Date
}

const columns = 'id, name, email, version, created_at, updated_at'

const toProfile = (row: Row): Profile => ({
  id: row.id,
  name: row.name,
  email: row.email,
  version: row.version,
  created_at: row.created_at.toISOString(),
  updated_at: row.updated_at.toISOString(),
})

/** @throws Refusal `email-taken` */
export async function insertProfile(
  transaction: Transaction,
  { name, email }: ProfileFields,
): Promise<Profile> {
  const sql = `INSERT INTO user_profiles (name, email) VALUES ($1, $2) RETURNING ${columns}`
  return only(await write(transaction, sql, [name, email]))
}

/** @throws Refusal `email-taken` */
export async function updateProfile(
  transaction: Transaction,
  id: string,
  { name, email }: ProfileFields,
): Promise<Profile> {
  const sql = `
    UPDATE user_profiles
    SET name = $2, email = $3, version = version + 1, updated_at = now()
    WHERE id = $1
    RETURNING ${columns}`
  return only(await write(transaction, sql, [id, name, email]))
}

/** Keeps the row, for the database's own sake; no route finds it again. */
export async function markDeleted(transaction: Transaction, id: string): Promise<void> {
  const sql = `
    UPDATE user_profiles
    SET deleted_at = now(), version = version + 1, updated_at = now()
    WHERE id = $1`
  await transaction.query(sql, [id])
}

/**
 * The living profile, locked until the transaction ends: what is read here is what is replaced.
 * @returns undefined where there is none, or no more
 */
export async function lockProfile(
  transaction: Transaction,
  id: string,
): Promise<Profile | undefined> {
  const sql = `
    SELECT ${columns} FROM user_profiles
    WHERE id = $1 AND deleted_at IS NULL
    FOR UPDATE`
  return (await read(transaction, sql, [id]))[0]
}

/** @returns undefined where there is none, or no more */
export async function findProfile(database: Database, id: string): Promise<Profile | undefined> {
  const sql = `SELECT ${columns} FROM user_profiles WHERE id = $1 AND deleted_at IS NULL`
  return (await read(database, sql, [id]))[0]
}

/** Living profiles in order of their ids, behind the one of `after`. */
export function listProfiles(
  database: Database,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<Profile[]> {
  const sql = `
    SELECT ${columns} FROM user_profiles
    WHERE id > $1 AND deleted_at IS NULL
    ORDER BY id
    LIMIT $2`
  return read(database, sql, [after, limit])
}

async function read(
  database: Database,
  sql: string,
  values: readonly (string | number)[],
): Promise<Profile[]> {
  return (await database.query<Row>(sql, [...values])).rows.map(toProfile)
}

/** The index decides who has an address, also among those who ask at the same moment. */
async function write(
  transaction: Transaction,
  sql: string,
  values: readonly string[],
): Promise<Profile[]> {
  try {
    return await read(transaction, sql, values)
  } catch (error) {
    if (readSqlState(error) !== uniqueViolation) throw error
    throw new Refusal('email-taken', 'Another user has this e-mail address.', [
      { field: 'email', detail: 'Taken.' },
    ])
  }
}
const uniqueViolation = '23505'

function only(profiles: readonly Profile[]): Profile {
  const [profile] = profiles
  if (profile === undefined) throw new Error('The statement returned no row.')
  return profile
}
