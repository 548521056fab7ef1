import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { describeFilling, describeMoved, formatMove, type Move } from '../move.ts'
import { isPassing, movedState } from './failure.ts'
import { advisoryLocks, type Client, type Pool } from './open.ts'

/** Whatever is kept for good; the mark itself lies outside of them. */
const guardedTables = ['log', 'entry', 'node', 'checkpoint', 'admin'] as const

/**
 * Sets or removes the mark, in the caller's transaction, with triggers that refuse every write of
 * whoever has the database open. While it is being filled they let the copy's own sessions pass.
 */
export async function writeMove(client: Client, move: Move | undefined): Promise<void> {
  await client.query('UPDATE instance SET move = $1', [
    move === undefined ? null : formatMove(move),
  ])
  for (const table of guardedTables) {
    await client.query(`DROP TRIGGER IF EXISTS moving ON ${table}`)
  }
  await client.query('DROP FUNCTION IF EXISTS refuse_moving()')
  if (move === undefined) return
  const message = move.state === 'moved' ? describeMoved(move) : describeFilling(move)
  const passing =
    move.state === 'moved' ? 'false' : `current_setting('indelible.copy', true) = 'on'`
  // Of the body nothing but the message is anybody's words, and none of them can end it.
  const quote = `$m${move.id.replaceAll('-', '')}$`
  await client.query(`
    CREATE FUNCTION refuse_moving() RETURNS trigger LANGUAGE plpgsql AS ${quote}
    BEGIN
      IF (${passing}) IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = '${movedState}', MESSAGE = ${pg.escapeLiteral(message)};
      END IF;
      RETURN NULL;
    END ${quote}`)
  for (const table of guardedTables) {
    await client.query(`
      CREATE TRIGGER moving BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON ${table}
      FOR EACH STATEMENT EXECUTE FUNCTION refuse_moving()`)
  }
}

/** Lets the sessions of a new pool write to a database that is being filled. */
export function passAsCopy(pool: Pool): void {
  pool.on('connect', (client) => {
    // Queued before whatever the session is wanted for; if it fails, so does that.
    client.query("SET indelible.copy = 'on'").catch(() => undefined)
  })
}

/** A copy that was killed a moment ago may hold it until the server has noticed. */
const lockAttempts = 20
const lockPauseMs = 250

/**
 * Holds the database for one copy, as long as the session lives.
 * @throws Error with a sentence for the operator
 */
export async function lockForCopy(client: Client): Promise<void> {
  for (let attempt = 1; attempt <= lockAttempts; attempt++) {
    const { rows } = await client.query<{ isHeld: boolean }>(
      'SELECT pg_try_advisory_lock($1) AS "isHeld"',
      [advisoryLocks.copy],
    )
    if (rows[0]?.isHeld === true) return
    await delay(lockPauseMs)
  }
  throw new Error('Another copy into this database is under way.')
}

/** Attempts at the writers' locks: what holds one is silent for a few seconds at most. */
const freezeAttempts = 10

/**
 * Holds off every writer, runs `work`, and keeps its mark in the same transaction. EXCLUSIVE waits
 * for the transactions that hold a head, and those that come wait for it; readers go on. A session
 * that dies before COMMIT leaves the database as it was.
 */
export async function freeze(pool: Pool, work: () => Promise<Move>): Promise<void> {
  const client = await lockWriters(pool)
  try {
    await writeMove(client, await work())
    await client.query('COMMIT')
    client.release()
  } catch (error) {
    // Ends the transaction along with the session, whatever state they are in.
    client.release(true)
    throw error
  }
}

async function lockWriters(pool: Pool): Promise<Client> {
  for (let attempt = 1; ; attempt++) {
    const client = await pool.connect()
    try {
      await client.query('BEGIN')
      // The work is done on other sessions, while this one is silent.
      await client.query('SET LOCAL idle_in_transaction_session_timeout = 0')
      // In the order in which a writer takes them.
      await client.query('LOCK TABLE log, admin, checkpoint IN EXCLUSIVE MODE')
      return client
    } catch (error) {
      client.release(true)
      if (attempt === freezeAttempts || !isPassing(error)) throw error
    }
  }
}
