import type { DatabaseSync } from 'node:sqlite'
import { partLabels } from '@indelible/protocol'
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
import type {
  AdminChange,
  AdminKind,
  AppendStore,
  AppendTransaction,
  KeptEntry,
  LogHead,
  LogKeys,
  StoredCheckpoint,
  TreeNode,
} from '../store.ts'

/**
 * Capability: append, on log.db. One at a time: the caller (the writer worker) awaits each
 * transaction before it starts the next. COMMIT returns after the WAL's fsync; a crash before
 * leaves nothing, and an error from COMMIT itself is rolled back and thrown.
 */
export function createAppendStore(options: { readonly database: DatabaseSync }): AppendStore {
  const { database } = options
  const transaction = createTransaction(database)
  return {
    async transact(work) {
      database.exec('BEGIN IMMEDIATE')
      try {
        const result = await work(transaction)
        database.exec('COMMIT')
        return result
      } catch (error) {
        // SQLite ends the transaction itself on some errors (disk full, I/O).
        if (database.isTransaction) database.exec('ROLLBACK')
        throw error
      }
    },
  }
}

function createTransaction(database: DatabaseSync): AppendTransaction {
  const numbers = createLogNumbers(database)
  const readHead = database.prepare(`SELECT ${headColumns} FROM log WHERE tenant = ?`)
  const insertLog = database.prepare(`
    INSERT INTO log
      (tenant, origin, generation, vkey, size, received, edge, former_tenant, former_keys)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const updateKeys = database.prepare(
    'UPDATE log SET generation = ?, vkey = ?, former_keys = ? WHERE tenant = ?',
  )
  const renameLog = database.prepare(
    'UPDATE log SET tenant = ?, former_tenant = tenant WHERE tenant = ?',
  )
  const findEnded = database.prepare('SELECT tenant FROM log WHERE former_tenant = ?')
  /** Logs end only while no service runs, so this never changes for one that does. */
  const endedNames = new Map<string, string[]>()
  const listEnded = (tenant: string): string[] => {
    const cached = endedNames.get(tenant)
    if (cached !== undefined) return cached
    const names = findEnded.all(tenant).map((row) => String(row.tenant))
    endedNames.set(tenant, names)
    return names
  }
  const findId = database.prepare(`
    SELECT ${entryColumns} FROM entry_id AS i JOIN entry AS e ON e.seq = i.seq
    WHERE i.log = ? AND i.id = ?`)
  const insertEntry = database.prepare(`
    INSERT INTO entry (log, idx, received, type, hash, secret, ${partLabels.join(', ')})
    VALUES (?, ?, ?, ?, ?, ?, ${partLabels.map(() => '?').join(', ')})`)
  const insertId = database.prepare('INSERT INTO entry_id (log, id, seq) VALUES (?, ?, ?)')
  const insertNode = database.prepare(
    'INSERT INTO node (log, level, idx, hash) VALUES (?, ?, ?, ?)',
  )
  const updateHead = database.prepare(
    'UPDATE log SET size = ?, received = ?, edge = ? WHERE tenant = ?',
  )
  const upsertCheckpoint = database.prepare(`
    INSERT INTO checkpoint (log, size, time, note) VALUES (?, ?, ?, ?)
    ON CONFLICT (log) DO UPDATE SET size = excluded.size, time = excluded.time, note = excluded.note
    WHERE excluded.size >= checkpoint.size`)
  const findAdmin = database.prepare('SELECT 1 FROM admin WHERE kind = ? AND id = ?')
  const deleteAdmin = database.prepare('DELETE FROM admin WHERE kind = ? AND id = ?')
  const upsertAdmin = database.prepare(`
    INSERT INTO admin (kind, id, value) VALUES (?, ?, ?)
    ON CONFLICT (kind, id) DO UPDATE SET value = excluded.value`)

  return {
    async lockHeads(tenants) {
      const heads = new Map<string, LogHead>()
      for (const tenant of tenants) {
        const row = readHead.get(tenant) as LogRow | undefined // columns are headColumns
        if (row !== undefined) heads.set(tenant, toHead(row))
      }
      return heads
    },
    async createLog(head) {
      const { tenant, origin, generation, vkey, size, received, edge } = head
      const former = [head.formerTenant ?? null, formatFormerKeys(head)]
      insertLog.run(tenant, origin, generation, vkey, size, received, edge, ...former)
    },
    async endLog(tenant, name) {
      renameLog.run(name, tenant)
      numbers.forget()
      endedNames.clear()
    },
    async findIds(tenant, ids) {
      const found = new Map<string, KeptEntry>()
      for (const name of [...listEnded(tenant), tenant]) {
        const log = numbers(name)
        for (const id of ids) {
          const row = findId.get(log, encodeId(id)) as EntryRow | undefined // entryColumns
          if (row !== undefined) found.set(id, toKeptEntry(name, row))
        }
      }
      return found
    },
    async insertEntries(entries: readonly KeptEntry[], ids: readonly string[]) {
      for (const [n, { tenant, index, received, type, hash, secret, parts }] of entries.entries()) {
        const log = numbers(tenant)
        const { lastInsertRowid: seq } = insertEntry.run(
          log,
          index,
          received,
          type,
          hash,
          secret,
          parts.actor ?? null,
          parts.changes ?? null,
          parts.context ?? null,
          parts.core,
          parts.data ?? null,
          parts.targets ?? null,
        )
        const id = ids[n]
        if (id !== undefined) insertId.run(log, encodeId(id), seq)
      }
    },
    async insertNodes(tenant: string, nodes: readonly TreeNode[]) {
      for (const { level, index, hash } of nodes)
        insertNode.run(numbers(tenant), level, index, hash)
    },
    async saveHead({ tenant, size, received, edge }: LogHead) {
      updateHead.run(size, received, edge, tenant)
    },
    async saveKeys(keys: LogKeys) {
      updateKeys.run(keys.generation, keys.vkey, formatFormerKeys(keys), keys.tenant)
    },
    async saveCheckpoint({ tenant, size, time, note }: StoredCheckpoint) {
      upsertCheckpoint.run(numbers(tenant), size, time, note)
    },
    async hasAdmin(kind: AdminKind, id: string) {
      return findAdmin.get(kind, id) !== undefined
    },
    async changeAdmin({ kind, id, value }: AdminChange) {
      if (value === null) deleteAdmin.run(kind, id)
      else upsertAdmin.run(kind, id, value)
    },
  }
}

/** Number of a tenant's log. Numbers change only when a log ends, so each is looked up once. */
export function createLogNumbers(
  database: DatabaseSync,
): ((tenant: string) => number) & { forget(): void } {
  const cache = new Map<string, number>()
  const find = database.prepare('SELECT number FROM log WHERE tenant = ?')
  const read = (tenant: string): number => {
    const cached = cache.get(tenant)
    if (cached !== undefined) return cached
    const row = find.get(tenant)
    if (row === undefined) throw new Error(`There is no log for the tenant "${tenant}".`)
    const number = Number(row.number)
    cache.set(tenant, number)
    return number
  }
  return Object.assign(read, { forget: () => cache.clear() })
}
