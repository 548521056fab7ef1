import { randomBytes } from 'node:crypto'
import { hasTable } from './has-table.ts'
import { inTransaction } from './in-transaction.ts'
import { advisoryLocks, type Client, type Pool } from './open.ts'

interface SchemaStep {
  readonly sql: string
  /** A program that does not know this step can no longer work with the database. */
  readonly breaking: boolean
}

/**
 * Steps of the schema; step n takes version n to n + 1. Never edit one that shipped. Every table's
 * key leads with the tenant, nothing refers across tenants, and no sequence is shared by all: a
 * distributed database can shard all of it by tenant, and copy `instance` and `admin` everywhere.
 */
const steps: readonly SchemaStep[] = [
  {
    breaking: true,
    sql: `
    -- fillfactor: every append rewrites its log's row; with room on the page no index is touched.
    CREATE TABLE log (
      tenant text COLLATE "C" NOT NULL,
      origin text NOT NULL,
      generation integer NOT NULL,
      vkey text NOT NULL,
      size bigint NOT NULL,
      received bigint NOT NULL,
      edge bytea NOT NULL,
      -- Not null of an ended log: the tenant whose log it was.
      former_tenant text COLLATE "C",
      -- Earliest and latest event time.
      first_time bigint,
      last_time bigint,
      PRIMARY KEY (tenant)
    ) WITH (fillfactor = 40);
    CREATE INDEX log_by_former_tenant ON log (former_tenant) WHERE former_tenant IS NOT NULL;

    CREATE TABLE entry (
      tenant text COLLATE "C" NOT NULL,
      idx bigint NOT NULL,
      received bigint NOT NULL,
      -- A UUID is kept as its 16 bytes.
      id bytea NOT NULL,
      hash bytea NOT NULL,
      secret bytea NOT NULL,
      type text NOT NULL,
      core text NOT NULL,
      actor text,
      changes text,
      context text,
      data text,
      targets text,
      -- Facts of the entry, hashed with a key that is not in the database.
      tokens bigint[] NOT NULL,
      PRIMARY KEY (tenant, idx)
    );
    CREATE UNIQUE INDEX entry_by_id ON entry (tenant, id);
    -- What was added lately lies in a list that every lookup reads through: it is kept short.
    CREATE INDEX entry_by_token ON entry USING gin (tokens) WITH (gin_pending_list_limit = 512);

    -- Completed subtrees only: level 1 covers 256 leaves. Level 0 is entry.hash.
    CREATE TABLE node (
      tenant text COLLATE "C" NOT NULL,
      level integer NOT NULL,
      idx bigint NOT NULL,
      hash bytea NOT NULL,
      PRIMARY KEY (tenant, level, idx)
    );

    CREATE TABLE checkpoint (
      tenant text COLLATE "C" NOT NULL,
      size bigint NOT NULL,
      time bigint NOT NULL,
      note text NOT NULL,
      PRIMARY KEY (tenant)
    );

    CREATE TABLE admin (
      kind text COLLATE "C" NOT NULL,
      id text COLLATE "C" NOT NULL,
      value text NOT NULL,
      PRIMARY KEY (kind, id)
    );

    -- Log-ins and other acts that are limited over all nodes (threads/shared-limiter.ts). Nothing
    -- is lost with it, so it is not written to the WAL.
    CREATE UNLOGGED TABLE rate_limit (
      key varchar(255) NOT NULL,
      points integer NOT NULL,
      expire bigint,
      PRIMARY KEY (key)
    );

    CREATE TABLE instance (
      id text NOT NULL,
      -- Derived from the seed: tells a node that was given another one.
      seed_mark bytea,
      origin_host text,
      -- Grows with every change of administration; nodes poll it.
      admin_version bigint NOT NULL,
      -- Where the store stands in a move to or from another one (move.ts), JSON.
      move text,
      PRIMARY KEY (id)
    );
    `,
  },
  {
    breaking: false,
    // JSON: keys that signed the log before the one in use; null where there is none.
    sql: 'ALTER TABLE log ADD COLUMN former_keys text',
  },
]

/** How far a database's schema is behind this program's; see `indelible migrate`. */
export interface SchemaState {
  /** Steps that the database has; 0 for a new one. */
  readonly found: number
  /** Steps that this program knows. */
  readonly known: number
}

/** A step over many entries takes its time, and another node waits for it. */
const migrationMsMax = 10 * 60_000

/** A statement that `pg`, too, waits so long for. */
const patient = (text: string) => ({ text, query_timeout: migrationMsMax })

/**
 * Brings the database to this program's schema, in one transaction; of nodes that start at once,
 * one does it and the others wait.
 * @throws Error where a newer version made a change that this one can't work with
 */
export function migrateStore(pool: Pool): Promise<SchemaState> {
  return inTransaction(pool, async (client) => {
    const bounds = ['lock_timeout', 'statement_timeout']
    await client.query(bounds.map((name) => `SET LOCAL ${name} = ${migrationMsMax}`).join(';'))
    await client.query(patient(`SELECT pg_advisory_xact_lock(${advisoryLocks.migration})`))
    return migrate(client)
  })
}

async function migrate(client: Client): Promise<SchemaState> {
  const found = await readSteps(client)
  if (found.length === 0) {
    await client.query(`
      CREATE SCHEMA IF NOT EXISTS indelible;
      CREATE TABLE IF NOT EXISTS indelible.schema_step (
        step integer PRIMARY KEY,
        breaking boolean NOT NULL,
        applied timestamptz NOT NULL DEFAULT now()
      )`)
  }
  refuseNewer(found)
  for (const [n, { sql, breaking }] of steps.entries()) {
    if (n < found.length) continue
    await client.query(patient(sql))
    await client.query('INSERT INTO schema_step (step, breaking) VALUES ($1, $2)', [
      n + 1,
      breaking,
    ])
  }
  if (found.length === 0) {
    await client.query('INSERT INTO instance (id, admin_version) VALUES ($1, 0)', [
      randomBytes(10).toString('hex'),
    ])
  }
  return { found: found.length, known: steps.length }
}

interface StepRow {
  readonly step: number
  readonly breaking: boolean
}

async function readSteps(client: Pick<Client, 'query'>): Promise<StepRow[]> {
  if (!(await hasTable(client, 'indelible', 'schema_step'))) return []
  const { rows } = await client.query<StepRow>(
    'SELECT step, breaking FROM indelible.schema_step ORDER BY step',
  )
  return rows
}

function refuseNewer(found: readonly StepRow[]): void {
  if (!found.some(({ step, breaking }) => step > steps.length && breaking)) return
  throw new Error(
    `The database has schema ${found.length}; this version of Indelible knows ${steps.length}. ` +
      'Start the newer version on this node too, or restore a backup made by this one.',
  )
}

/** What `migrateStore` would do. */
export async function readSchemaState(pool: Pool): Promise<SchemaState> {
  return { found: (await readSteps(pool)).length, known: steps.length }
}

/** @throws Error where this program can't work with the database's schema */
export async function assertStoreSchema(pool: Pool): Promise<void> {
  const found = await readSteps(pool)
  refuseNewer(found)
  if (found.length >= steps.length) return
  const what =
    found.length === 0
      ? 'has no schema of Indelible'
      : `has schema ${found.length}; this version of Indelible needs ${steps.length}`
  throw new Error(`The database ${what}. Run "indelible migrate", or start the service on it.`)
}
