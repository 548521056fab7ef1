import type { ReadFacts } from '../indexed-facts.ts'
import {
  type EntryRow,
  encodeId,
  entryColumns,
  formatFormerKeys,
  headColumns,
  type LogRow,
  toHead,
  toKeptEntry,
} from '../rows.ts'
import type { AdminChange, AdminKind, AppendStore, AppendTransaction, KeptEntry } from '../store.ts'
import { formatBlobs, formatTexts } from './binary-arrays.ts'
import { readClock } from './clock.ts'
import { advisoryLocks, type Client, type Pool } from './open.ts'
import { createTokenizer } from './tokens.ts'
import { createTransactions } from './transact.ts'
import { Writes } from './writes.ts'

export interface AppendStoreOptions {
  /** Pipelined; each transaction takes one session of it. */
  readonly pool: Pool
  /** Facts of an entry: they are indexed in the transaction that keeps it. */
  readonly readFacts: ReadFacts
  /** Key of the index's tokens, the same on every node. */
  readonly indexSecret: Uint8Array
  /** Milliseconds that never go backwards. */
  readonly now?: () => number
  /** From 0 to 1: keeps those apart who met in a deadlock. */
  readonly random?: () => number
}

/**
 * Capability: append. Any number of transactions at a time, on any number of nodes: those that
 * touch the same log wait for its head. `work` is called again where a failure of the database may
 * pass, so it must keep nothing of an earlier call; see transact.ts for what a failure leaves
 * behind. Inserts and heads are written when `work` is done, in one go with COMMIT.
 *
 * A transaction that inserts entries of a log must also save the log's head. `endLog` is refused.
 */
export function createAppendStore(options: AppendStoreOptions): AppendStore {
  const { pool, readFacts, now = () => performance.now(), random = Math.random } = options
  const tokenizer = createTokenizer(options.indexSecret)
  const { run } = createTransactions({ pool, now, random })
  const listEnded = createEndedNames()
  return {
    transact: (work) =>
      run(async (client) => {
        const writes = new Writes(client, { readFacts, tokenizer })
        const result = await work(createTransaction(client, writes, listEnded))
        return { result, mark: writes.mark(), finish: () => writes.finish() }
      }),
  }
}

function createTransaction(
  client: Client,
  writes: Writes,
  listEnded: (client: Client, tenant: string) => Promise<readonly string[]>,
): AppendTransaction {
  return {
    readClock: () => readClock(client),
    async lockHeads(tenants) {
      const { rows } = await client.query<LogRow>({
        name: 'lock-heads',
        text: `SELECT ${headColumns} FROM log WHERE tenant = ANY($1::text[])
               ORDER BY tenant FOR UPDATE`,
        values: [formatTexts(tenants)],
      })
      return new Map(rows.map((row) => [row.tenant, toHead(row)]))
    },
    async createLog(head) {
      const { tenant, origin, generation, vkey, size, received, edge } = head
      // Two that made several logs each, in orders of their own, would wait for each other's keys.
      await client.query('SELECT pg_advisory_xact_lock($1)', [advisoryLocks.creation])
      await client.query({
        name: 'create-log',
        text: `
          INSERT INTO log
            (tenant, origin, generation, vkey, size, received, edge, former_tenant, former_keys)
          VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        values: [
          ...[tenant, origin, generation, vkey, size, received, Buffer.from(edge)],
          ...[head.formerTenant ?? null, formatFormerKeys(head)],
        ],
      })
      writes.noteLog(head)
    },
    async endLog() {
      throw new Error('A log on PostgreSQL can not be ended.')
    },
    async findIds(tenant, ids) {
      const idsByKey = new Map(ids.map((id) => [encodeId(id).toString('latin1'), id]))
      const keys = formatBlobs(Array.from(idsByKey.keys(), (key) => Buffer.from(key, 'latin1')))
      const found = new Map<string, KeptEntry>()
      for (const name of [...(await listEnded(client, tenant)), tenant]) {
        const { rows } = await client.query<EntryRow & { id: Buffer }>({
          name: 'find-ids',
          text: `SELECT e.id, ${entryColumns} FROM entry AS e
                 WHERE e.tenant = $1 AND e.id = ANY($2::bytea[])`,
          values: [name, keys],
        })
        for (const row of rows) {
          const id = idsByKey.get(row.id.toString('latin1'))
          if (id !== undefined) found.set(id, toKeptEntry(name, row))
        }
      }
      return found
    },
    async insertEntries(entries, ids) {
      writes.addEntries(entries, ids)
    },
    async insertNodes(tenant, nodes) {
      writes.addNodes(tenant, nodes)
    },
    async saveHead(head) {
      writes.setHead(head)
    },
    async saveKeys(keys) {
      await client.query(
        'UPDATE log SET generation = $1, vkey = $2, former_keys = $3 WHERE tenant = $4',
        [...[keys.generation, keys.vkey, formatFormerKeys(keys), keys.tenant]],
      )
    },
    async saveCheckpoint(checkpoint) {
      writes.setCheckpoint(checkpoint)
    },
    async hasAdmin(kind: AdminKind, id: string) {
      const { rowCount } = await client.query('SELECT 1 FROM admin WHERE kind = $1 AND id = $2', [
        kind,
        id,
      ])
      return rowCount === 1
    },
    async changeAdmin({ kind, id, value }: AdminChange) {
      writes.noteAdmin()
      if (value === null) {
        await client.query('DELETE FROM admin WHERE kind = $1 AND id = $2', [kind, id])
        return
      }
      await client.query(
        `INSERT INTO admin (kind, id, value) VALUES ($1, $2, $3)
         ON CONFLICT (kind, id) DO UPDATE SET value = excluded.value`,
        [kind, id, value],
      )
    },
  }
}

/** Names that a tenant's ended logs are read under. Logs end only while no service runs. */
function createEndedNames() {
  let names: Map<string, string[]> | undefined
  return async (client: Client, tenant: string): Promise<readonly string[]> => {
    if (names === undefined) {
      const { rows } = await client.query<{ tenant: string; former_tenant: string }>(
        'SELECT tenant, former_tenant FROM log WHERE former_tenant IS NOT NULL ORDER BY tenant',
      )
      names = new Map()
      for (const row of rows) {
        names.set(row.former_tenant, [...(names.get(row.former_tenant) ?? []), row.tenant])
      }
    }
    return names.get(tenant) ?? []
  }
}
