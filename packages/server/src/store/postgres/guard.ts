import type { Guard, GuardState } from '../guard.ts'
import { formatBlobs, formatIntegers, formatTexts } from './binary-arrays.ts'
import { hasTable } from './has-table.ts'
import { inTransaction } from './in-transaction.ts'
import { advisoryLocks, type Pool } from './open.ts'

/**
 * The guard in a schema of its own, `indelible_guard`, or in a database of its own: it is left out
 * of the backup, so that a restored, older log meets a guard that remembers more.
 * @param options.pool on the database that keeps it; its search path does not matter
 */
export async function openGuard(options: { readonly pool: Pool }): Promise<Guard> {
  const { pool } = options
  await createTable(pool)
  return {
    list: () => readGuardStates(pool),
    async advance(steps) {
      if (steps.length === 0) return
      await inTransaction(pool, async (client) => {
        const moved = await Promise.all([
          client.query(insertStates, parametersOf(steps.filter(({ from }) => from === undefined))),
          client.query(updateStates, parametersOf(steps.filter(({ from }) => from !== undefined))),
        ])
        const count = moved.reduce((sum, { rowCount }) => sum + (rowCount ?? 0), 0)
        if (count !== steps.length) throw new Error('The guard of a log was moved by another.')
      })
    },
  }
}

/** What a guard remembers, for whoever only looks; nothing where there is none. */
export async function readGuardStates(pool: Pool): Promise<GuardState[]> {
  if (!(await isThere(pool))) return []
  const { rows } = await pool.query<GuardState>(
    'SELECT origin, tenant, size, edge FROM indelible_guard.guard ORDER BY tenant',
  )
  return rows
}

const isThere = (pool: Pool): Promise<boolean> => hasTable(pool, 'indelible_guard', 'guard')

/** Of nodes that start at once, one makes it and the others wait. */
async function createTable(pool: Pool): Promise<void> {
  // A role that may not create needs not, where it is there.
  if (await isThere(pool)) return
  await inTransaction(pool, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [advisoryLocks.guard])
    await client.query(`
      CREATE SCHEMA IF NOT EXISTS indelible_guard;
      CREATE TABLE IF NOT EXISTS indelible_guard.guard (
        origin text COLLATE "C" NOT NULL PRIMARY KEY,
        tenant text NOT NULL,
        size bigint NOT NULL,
        edge bytea NOT NULL
      ) WITH (fillfactor = 40)`)
  })
}

const parametersOf = (steps: Parameters<Guard['advance']>[0]) => [
  formatTexts(steps.map(({ to }) => to.origin)),
  formatTexts(steps.map(({ to }) => to.tenant)),
  formatIntegers(steps.map(({ to }) => to.size)),
  formatBlobs(steps.map(({ to }) => to.edge)),
  formatIntegers(steps.map(({ from }) => from ?? 0)),
]

const insertStates = `
  INSERT INTO indelible_guard.guard (origin, tenant, size, edge)
  SELECT origin, tenant, size, edge
  FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bytea[], $5::bigint[])
    AS step (origin, tenant, size, edge, previous)
  ON CONFLICT DO NOTHING`

const updateStates = `
  UPDATE indelible_guard.guard AS g SET size = step.size, edge = step.edge
  FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bytea[], $5::bigint[])
    AS step (origin, tenant, size, edge, previous)
  WHERE g.origin = step.origin AND g.size = step.previous`
