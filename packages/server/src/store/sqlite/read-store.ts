import type { DatabaseSync } from 'node:sqlite'
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
import { createLogNumbers } from './append-store.ts'
import { createTokenizer, formatMatch, readIndexState } from './index-file.ts'

/**
 * Capability: read, on read-only handles of log.db and of the index file in use. Every answer is
 * the index up to its watermark W plus the log's rows after W. W is read first, so an entry that
 * is committed or indexed meanwhile is seen exactly once.
 */
export function createReadStore(options: {
  readonly log: DatabaseSync
  /** Called for each lookup: the index file can be replaced by a rebuilt one at any time. */
  readonly index: () => DatabaseSync
}): ReadStore {
  const { log } = options
  const numbers = createLogNumbers(log)
  const lookups = createLookups(options.index)
  const listLogs = log.prepare(`SELECT ${headColumns} FROM log ORDER BY tenant`)
  const readLog = log.prepare(`SELECT ${headColumns} FROM log WHERE tenant = ?`)
  const readById = log.prepare(`
    SELECT ${entryColumns} FROM entry_id AS i JOIN entry AS e ON e.seq = i.seq
    WHERE i.log = ? AND i.id = ?`)
  const readRange = log.prepare(`
    SELECT ${entryColumns} FROM entry AS e
    WHERE e.log = ? AND e.idx >= ? AND e.idx < ? ORDER BY e.idx LIMIT ?`)
  const readRangeBack = log.prepare(`
    SELECT ${entryColumns} FROM entry AS e
    WHERE e.log = ? AND e.idx < ? ORDER BY e.idx DESC LIMIT ?`)
  // The unary plus keeps the planner on seq: the tail is short, the log may be long.
  const readTail = log.prepare(`
    SELECT ${entryColumns} FROM entry AS e
    WHERE e.seq > ? AND +e.log = ? AND +e.idx > ? AND +e.idx < ? ORDER BY e.seq LIMIT ?`)
  const readTailBack = log.prepare(`
    SELECT ${entryColumns} FROM entry AS e
    WHERE e.seq > ? AND +e.log = ? AND +e.idx < ? ORDER BY e.seq DESC LIMIT ?`)
  const countTail = log.prepare('SELECT count(*) AS count FROM entry WHERE seq > ? AND +log = ?')
  // The log is asked for again: what a damaged or forged index names must not cross tenants.
  const readBySeq = log.prepare(
    `SELECT ${entryColumns} FROM entry AS e WHERE e.seq = ? AND e.log = ?`,
  )
  const readSeq = log.prepare('SELECT seq FROM entry WHERE log = ? AND idx = ?')
  const readHeadRow = (tenant: string) => readLog.get(tenant) as LogRow | undefined // headColumns

  /** Rows selected by entryColumns, as entries. */
  const toEntries = (tenant: string, rows: unknown[]): KeptEntry[] =>
    (rows as EntryRow[]).map((row) => toKeptEntry(tenant, row))

  /** Seq of an index; past the log's end, one past its last. */
  const seqOf = (number: number, index: number): number => {
    const row = readSeq.get(number, index)
    return row === undefined ? Number.MAX_SAFE_INTEGER : Number(row.seq)
  }

  const findIndexed = (
    index: IndexLookups,
    number: number,
    candidates: Candidates,
    limit: number,
    w: number,
  ) => {
    const { tenant, groups, direction, from } = candidates
    const backwards = direction === 'newest-first'
    const bound = from === undefined ? (backwards ? w + 1 : 0) : seqOf(number, from)
    const seqs = index.find(tenant, groups, direction, bound, w, limit)
    const rows = seqs.map((seq) => readBySeq.get(seq, number)).filter((row) => row !== undefined)
    return toEntries(tenant, rows)
  }

  return {
    async listLogs() {
      return (listLogs.all() as unknown as LogRow[]).map(toHead) // headColumns
    },
    async readLog(tenant) {
      const row = readHeadRow(tenant)
      return row === undefined ? undefined : toHead(row)
    },
    async readById(tenant, id) {
      if (readHeadRow(tenant) === undefined) return undefined
      const row = readById.get(numbers(tenant), encodeId(id))
      return row === undefined ? undefined : toKeptEntry(tenant, row as unknown as EntryRow)
    },
    async readRange(tenant, from, until, limit) {
      if (readHeadRow(tenant) === undefined) return []
      return toEntries(tenant, readRange.all(numbers(tenant), from, until, limit))
    },
    async findCandidates(candidates) {
      const { tenant, groups, direction, from, limit } = candidates
      const size = readHeadRow(tenant)?.size ?? 0
      if (size === 0) return []
      const number = numbers(tenant)
      const backwards = direction === 'newest-first'
      if (groups.length === 0) {
        return toEntries(
          tenant,
          backwards
            ? readRangeBack.all(number, from ?? size, limit)
            : readRange.all(number, from === undefined ? 0 : from + 1, size, limit),
        )
      }
      // One index for the whole lookup: another one may have got less far than this one's W.
      const index = lookups()
      const w = index.readWatermark()
      if (backwards) {
        const tail = toEntries(tenant, readTailBack.all(w, number, from ?? size, limit))
        if (tail.length === limit) return tail
        return [...tail, ...findIndexed(index, number, candidates, limit - tail.length, w)]
      }
      const indexed = findIndexed(index, number, candidates, limit, w)
      if (indexed.length === limit) return indexed
      const rest = limit - indexed.length
      return [...indexed, ...toEntries(tenant, readTail.all(w, number, from ?? -1, size, rest))]
    },
    async countCandidates(tenant, groups) {
      if (readHeadRow(tenant) === undefined) return { count: 0, exact: true }
      const index = lookups()
      const w = index.readWatermark()
      const tail = Number(countTail.get(w, numbers(tenant))?.count)
      return { count: index.count(tenant, groups, w), exact: tail === 0 }
    },
    async readTimeSpan(tenant) {
      return lookups().readSpan(tenant)
    },
  }
}

/** Statements on the index file in use, prepared anew when another file takes its place. */
function createLookups(current: () => DatabaseSync): () => IndexLookups {
  let prepared: IndexLookups | undefined
  return () => {
    const database = current()
    if (prepared?.database !== database) prepared = prepareLookups(database)
    return prepared
  }
}

type IndexLookups = ReturnType<typeof prepareLookups>

function prepareLookups(database: DatabaseSync) {
  const state = readIndexState(database)
  if (state === undefined) throw new Error('The index file has no state.')
  const { toToken } = createTokenizer(state.secret)
  const watermark = database.prepare('SELECT watermark FROM state')
  // A number is bound as a REAL, by which FTS5 seeks to no rowid: it would walk every hit up to the
  // bound. 664 ms instead of 1 for a page at the end of 12,000,000 entries.
  const bound = 'CAST(? AS INTEGER)'
  const findBack = database.prepare(`
    SELECT rowid AS seq FROM fact WHERE fact MATCH ? AND rowid < ${bound}
    ORDER BY rowid DESC LIMIT ?`)
  const findForth = database.prepare(`
    SELECT rowid AS seq FROM fact WHERE fact MATCH ? AND rowid > ${bound} AND rowid <= ${bound}
    ORDER BY rowid LIMIT ?`)
  const count = database.prepare(
    `SELECT count(*) AS count FROM fact WHERE fact MATCH ? AND rowid <= ${bound}`,
  )
  const span = database.prepare('SELECT first, last FROM span WHERE tenant = ?')
  const match = (tenant: string, groups: readonly (readonly string[])[]) =>
    formatMatch(groups, (fact) => toToken(tenant, fact))
  return {
    database,
    readWatermark: () => Number(watermark.get()?.watermark),
    /** Seqs that carry all groups, beyond `bound` in the direction and not after `w`. */
    find(
      tenant: string,
      groups: readonly (readonly string[])[],
      direction: Candidates['direction'],
      bound: number,
      w: number,
      limit: number,
    ): number[] {
      const expression = match(tenant, groups)
      const rows =
        direction === 'newest-first'
          ? findBack.all(expression, Math.min(bound, w + 1), limit)
          : findForth.all(expression, bound, w, limit)
      return rows.map((row) => Number(row.seq))
    },
    count: (tenant: string, groups: readonly (readonly string[])[], w: number) =>
      Number(count.get(match(tenant, groups), w)?.count),
    readSpan(tenant: string) {
      const row = span.get(tenant)
      return row === undefined ? undefined : { first: Number(row.first), last: Number(row.last) }
    },
  }
}
