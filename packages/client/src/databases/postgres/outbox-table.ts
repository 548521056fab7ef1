import type { TableNames } from '../outbox.ts'
import type { OutboxTable } from '../outbox-table.ts'
import { execute, type PostgresHandle, query } from './handles.ts'

/** Of our advisory lock, so that it is no number that an application has chosen. */
const lockClass = 0x696e6465

/** For a migration. `text`, not `jsonb`: it refuses nothing, so no event can fail the transaction. */
export const createSchema = ({ outbox, index, turn }: TableNames): string =>
  `CREATE TABLE IF NOT EXISTS ${outbox} (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event text NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  rejected json,
  rejected_at timestamptz
);
CREATE INDEX IF NOT EXISTS ${index} ON ${outbox} (id) WHERE rejected_at IS NULL;
CREATE TABLE IF NOT EXISTS ${turn} (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  holder text NOT NULL,
  until timestamptz NOT NULL
);
`

/** Two that create what does not exist can both fail; so one waits for the other. */
export const migrate = (database: PostgresHandle, names: TableNames): Promise<void> =>
  execute(database, {
    text: `DO $indelible$ BEGIN
PERFORM pg_advisory_xact_lock(${lockClass}, 0);
${createSchema(names)}END $indelible$`,
  })

export const insertEvent = (
  transaction: PostgresHandle,
  { outbox }: TableNames,
  json: string,
): Promise<void> =>
  execute(transaction, {
    text: `INSERT INTO ${outbox} (event) VALUES ($1::text)`,
    values: [json],
  })

/** A relay's turn: a lease, by the database's clock. */
export interface TurnOptions {
  /** Names this relay among the others. */
  readonly holder: string
  readonly turnMs: number
}

/**
 * Each call is one statement, so that no transaction or connection is held while the service is waited
 * for, whatever pools lie between.
 */
export function createPostgresTable(
  database: PostgresHandle,
  names: TableNames,
  { holder, turnMs }: TurnOptions,
): OutboxTable {
  const { outbox, turn } = names
  const sql = createStatements(names)
  return {
    async read(eventsMax, bytesMax) {
      const waiting = await query(database, { text: sql.findAny })
      if (waiting.length === 0) return { rows: [], isAll: true }
      const values = [holder, `${turnMs} ms`, `${eventsMax}`, `${bytesMax}`]
      const found = await query(database, { text: sql.takeOldest, values })
      const rows = found.map(({ id = '', event = '' }) => ({ id, event }))
      const isFull = rows.length === eventsMax || Number(found.at(-1)?.bytes ?? 0) >= bytesMax
      return { rows, isAll: rows.length > 0 && !isFull }
    },
    remove: (ids) =>
      execute(database, {
        text: `DELETE FROM ${outbox} WHERE id = ANY ($1::text::bigint[])`,
        values: [`{${ids.join(',')}}`],
      }),
    setAside: (id, refusal) =>
      execute(database, {
        text: `UPDATE ${outbox} SET rejected = $2::text::json, rejected_at = clock_timestamp()
          WHERE id = $1::text::bigint`,
        values: [id, refusal],
      }),
    leave: () =>
      execute(database, {
        text: `DELETE FROM ${turn} WHERE holder = $1::text`,
        values: [holder],
      }),
    async count() {
      const [row] = await query(database, { text: sql.count })
      const oldestMs = row?.oldest == null ? null : Math.max(0, Math.round(Number(row.oldest)))
      return { pending: Number(row?.pending), rejected: Number(row?.rejected), oldestMs }
    },
  }
}

const createStatements = ({ outbox, turn }: TableNames) => ({
  findAny: `SELECT 'true' AS found FROM ${outbox} WHERE rejected_at IS NULL LIMIT 1`,
  takeOldest: `WITH mine AS (
      INSERT INTO ${turn} AS held (holder, until)
      VALUES ($1::text, clock_timestamp() + $2::text::interval)
      ON CONFLICT (one) DO UPDATE SET holder = EXCLUDED.holder, until = EXCLUDED.until
        WHERE held.holder = EXCLUDED.holder OR held.until < clock_timestamp()
      RETURNING holder)
    SELECT id::text AS id, event, bytes::text AS bytes FROM (
      SELECT id, event, sum(octet_length(event)) OVER (ORDER BY id) AS bytes FROM (
        SELECT id, event FROM ${outbox} WHERE rejected_at IS NULL ORDER BY id
        LIMIT $3::text::bigint) AS oldest) AS counted
    WHERE bytes - octet_length(event) < $4::text::bigint AND EXISTS (SELECT FROM mine)
    ORDER BY counted.id`,
  count: `SELECT count(*) FILTER (WHERE rejected_at IS NULL)::text AS pending,
    count(*) FILTER (WHERE rejected_at IS NOT NULL)::text AS rejected,
    (1000 * extract(epoch FROM clock_timestamp()
      - min(recorded_at) FILTER (WHERE rejected_at IS NULL)))::text AS oldest
    FROM ${outbox}`,
})
