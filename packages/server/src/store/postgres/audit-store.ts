import {
  countNodes,
  type EntryRow,
  encodeId,
  entryColumns,
  headColumns,
  type LogRow,
  toHead,
  toKeptEntry,
} from '../rows.ts'
import type { AuditSnapshot, AuditStore, StoredCheckpoint, StrayRows } from '../store.ts'
import { formatBlobs } from './binary-arrays.ts'
import { inSnapshot } from './in-transaction.ts'
import type { Client, Pool } from './open.ts'
import { createProveStore } from './prove-store.ts'

/** Stray rows named of one log; more of them say nothing new. */
const straysMax = 100

/**
 * Capability: audit. Entries are read in short statements, never in one long transaction: that
 * would keep the database from cleaning up behind the nodes that run.
 *
 * The place of an entry is its index: this store gives no other, and an id is kept in the row of
 * its entry, so that the two can't be told apart by it. The tree tells entries that changed places.
 */
export function createAuditStore(options: { readonly pool: Pool }): AuditStore {
  const { pool } = options
  return {
    ...createProveStore({ pool }),
    readSnapshot: ({ withStrays } = { withStrays: false }) =>
      inSnapshot(pool, (client) => readSnapshot(client, withStrays)),
    async readPlaced(tenant, from, until) {
      const { rows } = await pool.query<EntryRow>({
        name: 'read-placed',
        text: `SELECT ${entryColumns} FROM entry AS e
               WHERE e.tenant = $1 AND e.idx >= $2 AND e.idx < $3 ORDER BY e.idx`,
        values: [tenant, from, until],
      })
      return rows.map((row) => ({ ...toKeptEntry(tenant, row), place: row.idx }))
    },
    async readPlaces(tenant, ids) {
      const { rows } = await pool.query<{ id: Buffer; idx: number }>({
        name: 'read-places',
        text: 'SELECT id, idx FROM entry WHERE tenant = $1 AND id = ANY($2::bytea[])',
        values: [tenant, formatBlobs(ids.map(encodeId))],
      })
      const places = new Map(rows.map(({ id, idx }) => [id.toString('latin1'), idx]))
      return ids.map((id) => places.get(encodeId(id).toString('latin1')))
    },
  }
}

async function readSnapshot(client: Client, withStrays: boolean): Promise<AuditSnapshot> {
  const { rows: logs } = await client.query<LogRow>(
    `SELECT ${headColumns} FROM log ORDER BY tenant`,
  )
  const { rows: checkpoints } = await client.query<StoredCheckpoint>(
    'SELECT tenant, size, time, note FROM checkpoint ORDER BY tenant',
  )
  const strays: StrayRows[] = []
  if (!withStrays) return { heads: logs.map(toHead), checkpoints, strays }
  for (const log of logs) strays.push(...(await strayOfLog(client, log)))
  strays.push(...(await strayOfNoLog(client, new Set(logs.map(({ tenant }) => tenant)))))
  return { heads: logs.map(toHead), checkpoints, strays }
}

/** Rows that a log's head does not account for. */
async function strayOfLog(client: Client, { tenant, size }: LogRow): Promise<StrayRows[]> {
  const { rows: beyond } = await client.query<{ idx: number }>(
    `SELECT idx FROM entry WHERE tenant = $1 AND (idx >= $2 OR idx < 0)
     ORDER BY idx LIMIT ${straysMax}`,
    [tenant, size],
  )
  const { rows: nodes } = await client.query<{ count: number }>(
    'SELECT count(*) AS count FROM node WHERE tenant = $1',
    [tenant],
  )
  const extraNodes = (nodes[0]?.count ?? 0) - countNodes(size)
  return [
    ...beyond.map(({ idx }) => ({ tenant, index: idx, what: 'an entry beyond the log’s end' })),
    ...(extraNodes > 0 ? [{ tenant, what: `${extraNodes} hashes beyond the log’s tree` }] : []),
  ]
}

const tables = { entry: 'entries', node: 'hashes', checkpoint: 'checkpoints' } as const

/** Tenants that rows name and that have no log; each step jumps over one tenant's rows. */
async function strayOfNoLog(client: Client, known: ReadonlySet<string>): Promise<StrayRows[]> {
  const found: StrayRows[] = []
  for (const [table, what] of Object.entries(tables)) {
    let comparison = '>=' // A forged row may name a tenant of no letters.
    for (let at = ''; found.length < straysMax; comparison = '>') {
      const { rows } = await client.query<{ tenant: string }>(
        `SELECT tenant FROM ${table} WHERE tenant ${comparison} $1 ORDER BY tenant LIMIT 1`,
        [at],
      )
      const tenant = rows[0]?.tenant
      if (tenant === undefined) break
      at = tenant
      if (known.has(tenant)) continue
      found.push({ tenant: undefined, what: `${what} of a log that does not exist (${tenant})` })
    }
  }
  return found
}
