import type { DatabaseSync } from 'node:sqlite'
import type { AuditStore, LogHead, StoredCheckpoint, StrayRows } from '../store.ts'
import { createLogNumbers } from './append-store.ts'
import { createProveStore } from './prove-store.ts'
import {
  type EntryRow,
  encodeId,
  entryColumns,
  headColumns,
  type LogRow,
  toHead,
  toKeptEntry,
} from './rows.ts'

/** Stray rows named of one log; more of them say nothing new. */
const straysMax = 100

/**
 * Capability: audit, on a read-only handle of log.db. Entries are read in short statements, never
 * in one long transaction: that would keep the running service's WAL from being reset.
 */
export function createAuditStore(options: { readonly log: DatabaseSync }): AuditStore {
  const { log } = options
  const numbers = createLogNumbers(log)
  const readPlaced = log.prepare(`
    SELECT e.seq, ${entryColumns} FROM entry AS e
    WHERE e.log = ? AND e.idx >= ? AND e.idx < ? ORDER BY e.idx`)
  const readPlace = log.prepare('SELECT seq FROM entry_id WHERE log = ? AND id = ?')
  return {
    ...createProveStore({ log }),
    async readSnapshot() {
      log.exec('BEGIN')
      try {
        const rows = log.prepare(`SELECT ${headColumns} FROM log ORDER BY tenant`).all()
        const logs = rows as unknown as LogRow[] // headColumns
        const checkpoints = log
          .prepare(
            `SELECT l.tenant, c.size, c.time, c.note
             FROM checkpoint AS c JOIN log AS l ON l.number = c.log`,
          )
          .all() as unknown as StoredCheckpoint[] // columns of StoredCheckpoint
        const strays = [...logs.flatMap((row) => strayOfLog(log, row)), ...strayOfNoLog(log)]
        return { heads: logs.map(toHead), checkpoints, strays }
      } finally {
        log.exec('COMMIT')
      }
    },
    async readPlaced(tenant, from, until) {
      const rows = readPlaced.all(numbers(tenant), from, until)
      return (rows as unknown as (EntryRow & { seq: number })[]).map((row) =>
        Object.assign(toKeptEntry(tenant, row), { place: row.seq }),
      )
    },
    async readPlaces(tenant, ids) {
      const number = numbers(tenant)
      return ids.map((id) => {
        const row = readPlace.get(number, encodeId(id))
        return row === undefined ? undefined : Number(row.seq)
      })
    },
  }
}

/** Rows that a log's head does not account for. */
function strayOfLog(log: DatabaseSync, { number, tenant, size }: LogRow): StrayRows[] {
  const beyond = log
    .prepare(
      `SELECT idx FROM entry WHERE log = ? AND (idx >= ? OR idx < 0) ORDER BY idx
       LIMIT ${straysMax}`,
    )
    .all(number, size)
    .map(({ idx }) => ({ tenant, index: Number(idx), what: 'an entry beyond the log’s end' }))
  const ids = log.prepare('SELECT count(*) AS count FROM entry_id WHERE log = ?').get(number)
  const nodes = log.prepare('SELECT count(*) AS count FROM node WHERE log = ?').get(number)
  const extraIds = Number(ids?.count) - size
  const extraNodes = Number(nodes?.count) - countNodes(size)
  return [
    ...beyond,
    ...(extraIds > 0 ? [{ tenant, what: `${extraIds} ids that lead to no entry of the log` }] : []),
    ...(extraNodes > 0 ? [{ tenant, what: `${extraNodes} hashes beyond the log’s tree` }] : []),
  ]
}

/** Numbers of logs that rows name and that do not exist; each step jumps over one log's rows. */
function strayOfNoLog(log: DatabaseSync): StrayRows[] {
  const known = new Set(
    log
      .prepare('SELECT number FROM log')
      .all()
      .map((row) => row.number),
  )
  const tables = { entry: 'entries', entry_id: 'ids', node: 'hashes', checkpoint: 'checkpoints' }
  return Object.entries(tables).flatMap(([table, what]) => {
    const next = log.prepare(`SELECT min(log) AS log FROM ${table} WHERE log > ?`)
    const found: StrayRows[] = []
    let at: unknown = Number.MIN_SAFE_INTEGER
    while (found.length < straysMax) {
      at = next.get(at as number)?.log // a column of a STRICT table, or null at the end
      if (typeof at !== 'number') break
      if (known.has(at)) continue
      found.push({ tenant: undefined, what: `${what} of a log that does not exist (${at})` })
    }
    return found
  })
}

/** Completed subtrees of a tree, over all levels above the leaves. */
function countNodes(size: LogHead['size']): number {
  let count = 0
  for (let rest = Math.floor(size / 256); rest > 0; rest = Math.floor(rest / 256)) count += rest
  return count
}
