import type { AdminKind, AdminRecord, AdminStore, ProveStore, StoredCheckpoint } from '../store.ts'
import type { ReadPool } from './repeated-reads.ts'

/** Capability: prove. Hashes and checkpoints, without any payload. */
export function createProveStore(options: { readonly pool: ReadPool }): ProveStore {
  const { pool } = options
  const readHashes = async (query: { name: string; text: string }, values: unknown[]) => {
    const { rows } = await pool.query<{ hashes: Buffer | null }>({ ...query, values })
    return rows[0]?.hashes ?? new Uint8Array(0)
  }
  return {
    readLeafHashes: (tenant, from, until) =>
      readHashes(
        {
          name: 'read-leaf-hashes',
          text: `SELECT string_agg(hash, '' ORDER BY idx) AS hashes FROM entry
                 WHERE tenant = $1 AND idx >= $2 AND idx < $3`,
        },
        [tenant, from, until],
      ),
    readNodes: (tenant, level, from, until) =>
      readHashes(
        {
          name: 'read-nodes',
          text: `SELECT string_agg(hash, '' ORDER BY idx) AS hashes FROM node
                 WHERE tenant = $1 AND level = $2 AND idx >= $3 AND idx < $4`,
        },
        [tenant, level, from, until],
      ),
    async readCheckpoint(tenant) {
      const { rows } = await pool.query<StoredCheckpoint>({
        name: 'read-checkpoint',
        text: 'SELECT tenant, size, time, note FROM checkpoint WHERE tenant = $1',
        values: [tenant],
      })
      return rows[0]
    },
  }
}

/** Capability: administration (reading; changes go through an append transaction). */
export function createAdminStore(options: { readonly pool: ReadPool }): AdminStore {
  return {
    async listAdmin(kind: AdminKind) {
      const { rows } = await options.pool.query<AdminRecord>(
        'SELECT kind, id, value FROM admin WHERE kind = $1 ORDER BY id',
        [kind],
      )
      return rows
    },
  }
}
