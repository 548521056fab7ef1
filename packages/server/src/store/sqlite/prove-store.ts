import type { DatabaseSync } from 'node:sqlite'
import type { AdminKind, AdminRecord, AdminStore, ProveStore, StoredCheckpoint } from '../store.ts'
import { createLogNumbers } from './append-store.ts'

/** Capability: prove. Leaf hashes are read from the entries, so there is one copy of each. */
export function createProveStore(options: { readonly log: DatabaseSync }): ProveStore {
  const { log } = options
  const numbers = createLogNumbers(log)
  const readLeaves = log.prepare(
    'SELECT idx, hash FROM entry WHERE log = ? AND idx >= ? AND idx < ? ORDER BY idx',
  )
  const readNodes = log.prepare(
    'SELECT idx, hash FROM node WHERE log = ? AND level = ? AND idx >= ? AND idx < ? ORDER BY idx',
  )
  const readCheckpoint = log.prepare('SELECT size, time, note FROM checkpoint WHERE log = ?')
  /** Up to the first that is missing: what comes behind it would pass for it. */
  const concatenate = (rows: Record<string, unknown>[], from: number) => {
    const gap = rows.findIndex(({ idx }, n) => idx !== from + n)
    const whole = gap === -1 ? rows : rows.slice(0, gap)
    return Buffer.concat(whole.map((row) => row.hash as Uint8Array)) // hash is a BLOB NOT NULL
  }
  return {
    async readLeafHashes(tenant, from, until) {
      return concatenate(readLeaves.all(numbers(tenant), from, until), from)
    },
    async readNodes(tenant, level, from, until) {
      return concatenate(readNodes.all(numbers(tenant), level, from, until), from)
    },
    async readCheckpoint(tenant) {
      const row = readCheckpoint.get(numbers(tenant))
      return row === undefined ? undefined : ({ tenant, ...row } as unknown as StoredCheckpoint)
    },
  }
}

/** Capability: administration (reading; changes go through an append transaction). */
export function createAdminStore(options: { readonly log: DatabaseSync }): AdminStore {
  const list = options.log.prepare('SELECT kind, id, value FROM admin WHERE kind = ? ORDER BY id')
  return {
    async listAdmin(kind: AdminKind) {
      return list.all(kind) as unknown as AdminRecord[] // columns of AdminRecord
    },
  }
}
