import {
  type EntryRow,
  encodeId,
  entryColumns,
  headColumns,
  type LogRow,
  toHead,
  toKeptEntry,
} from '../rows.ts'
import type { Candidates, KeptEntry, ReadStore } from '../store.ts'
import { createCandidates } from './candidates.ts'
import type { ReadPool } from './repeated-reads.ts'
import { createTokenizer } from './tokens.ts'

/**
 * Capability: read, on any node. Facts are indexed in the transaction that keeps the entry, so
 * whatever is committed is found. Sizes are read first: a log only grows, so what lies below its
 * size is there for the statements that follow.
 */
export function createReadStore(options: {
  readonly pool: ReadPool
  /** Key of the index's tokens, as createAppendStore has it. */
  readonly indexSecret: Uint8Array
}): ReadStore {
  const { pool } = options
  const candidates = createCandidates({ pool, tokenizer: createTokenizer(options.indexSecret) })

  const readHead = async (tenant: string): Promise<LogRow | undefined> => {
    const { rows } = await pool.query<LogRow>({
      name: 'read-log',
      text: `SELECT ${headColumns} FROM log WHERE tenant = $1`,
      values: [tenant],
    })
    return rows[0]
  }
  const readEntries = async (
    tenant: string,
    query: { name: string; text: string },
    ...values: unknown[]
  ): Promise<KeptEntry[]> => {
    const { rows } = await pool.query<EntryRow>({ ...query, values: [tenant, ...values] })
    return rows.map((row) => toKeptEntry(tenant, row))
  }
  const readRange = (tenant: string, from: number, until: number, limit: number) =>
    readEntries(tenant, rangeQuery, from, until, limit)

  return {
    async listLogs() {
      const { rows } = await pool.query<LogRow>(`SELECT ${headColumns} FROM log ORDER BY tenant`)
      return rows.map(toHead)
    },
    async readLog(tenant) {
      const row = await readHead(tenant)
      return row === undefined ? undefined : toHead(row)
    },
    async readById(tenant, id) {
      const [entry] = await readEntries(tenant, byIdQuery, encodeId(id))
      return entry
    },
    readRange,
    async findCandidates(request: Candidates) {
      const { tenant, groups, direction, from, limit } = request
      const size = (await readHead(tenant))?.size ?? 0
      const backwards = direction === 'newest-first'
      const range = backwards
        ? { from: 0, until: Math.min(from ?? size, size) }
        : { from: from === undefined ? 0 : from + 1, until: size }
      if (range.from >= range.until || limit === 0) return []
      if (groups.length > 0) {
        const indexes = await candidates.find(request, range)
        if (indexes.length === 0) return []
        const query = backwards ? indexesBackQuery : indexesQuery
        return readEntries(tenant, query, indexes)
      }
      if (backwards) return readEntries(tenant, rangeBackQuery, range.from, range.until, limit)
      return readRange(tenant, range.from, range.until, limit)
    },
    async countCandidates(tenant, groups) {
      if (groups.length > 0) return candidates.count(tenant, groups)
      return { count: (await readHead(tenant))?.size ?? 0, exact: true }
    },
    async readTimeSpan(tenant) {
      const { rows } = await pool.query<{ first: number | null; last: number | null }>(
        'SELECT first_time AS first, last_time AS last FROM log WHERE tenant = $1',
        [tenant],
      )
      const { first = null, last = null } = rows[0] ?? {}
      return first === null || last === null ? undefined : { first, last }
    },
  }
}

const select = `SELECT ${entryColumns} FROM entry AS e WHERE e.tenant = $1`
const byIdQuery = { name: 'read-by-id', text: `${select} AND e.id = $2` }
const rangeQuery = {
  name: 'read-range',
  text: `${select} AND e.idx >= $2 AND e.idx < $3 ORDER BY e.idx LIMIT $4`,
}
const rangeBackQuery = {
  name: 'read-range-back',
  text: `${select} AND e.idx >= $2 AND e.idx < $3 ORDER BY e.idx DESC LIMIT $4`,
}
const indexesQuery = {
  name: 'read-indexes',
  text: `${select} AND e.idx = ANY($2::bigint[]) ORDER BY e.idx`,
}
const indexesBackQuery = {
  name: 'read-indexes-back',
  text: `${select} AND e.idx = ANY($2::bigint[]) ORDER BY e.idx DESC`,
}
