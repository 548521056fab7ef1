import type { DatabaseSync } from 'node:sqlite'
import { type EntryRow, entryColumns, toKeptEntry } from '../rows.ts'
import type { KeptEntry } from '../store.ts'
import {
  createTokenizer,
  type IndexedGroup,
  type IndexState,
  readIndexState,
} from './index-file.ts'

/** What the index is told of an entry. */
export interface IndexedFacts {
  /** Facts by the value they come from; a value that recurs may bring the same object again. */
  readonly groups: readonly IndexedGroup[]
  /** The event's `time`, Unix milliseconds. */
  readonly time: number
}

/** Entries of one indexing transaction: large enough that FTS5 writes few, long segments. */
const transactionEntries = 2_000
/** Rows held in memory at a time. */
const batchEntries = 64

/**
 * Follows log.db and keeps the index file up to it. Holds log.db read-only. A crash leaves the
 * index at the watermark of its last commit; what is missing is indexed again.
 */
export function createIndexer(options: {
  readonly log: DatabaseSync
  readonly index: DatabaseSync
  readonly readFacts: (entry: KeptEntry) => IndexedFacts
}) {
  const { log, index, readFacts } = options
  const state = readIndexState(index)
  if (state === undefined) throw new Error('The index file has no state.')
  const tokenizer = createTokenizer(state.secret)
  let watermark = state.watermark
  const readBatch = log.prepare(`
    SELECT e.seq, l.tenant, ${entryColumns} FROM entry AS e JOIN log AS l ON l.number = e.log
    WHERE e.seq > ? ORDER BY e.seq LIMIT ${batchEntries}`)
  const readRows = (after: number) => readBatch.all(after) as unknown as BatchRow[] // as selected
  const insertFacts = index.prepare('INSERT INTO fact (rowid, tokens) VALUES (?, ?)')
  const updateState = index.prepare('UPDATE state SET watermark = ?, hash = ?')
  const widenSpan = index.prepare(`
    INSERT INTO span (tenant, first, last) VALUES (?, ?, ?)
    ON CONFLICT (tenant) DO UPDATE SET
      first = min(first, excluded.first), last = max(last, excluded.last)`)

  const indexRows = (rows: readonly BatchRow[]): void => {
    const spans = new Map<string, { first: number; last: number }>()
    for (const row of rows) {
      const { groups, time } = readFacts(toKeptEntry(row.tenant, row))
      const tokens = tokenizer.formatTokens(row.tenant, groups)
      insertFacts.run(row.seq, tokens)
      const span = spans.get(row.tenant)
      if (span === undefined) spans.set(row.tenant, { first: time, last: time })
      else if (time < span.first) span.first = time
      else if (time > span.last) span.last = time
    }
    for (const [tenant, { first, last }] of spans) widenSpan.run(tenant, first, last)
  }

  return {
    /** Seq up to which everything is indexed. */
    get watermark() {
      return watermark
    },
    /** Indexes what is new, in one transaction. @returns how many entries; 0: caught up */
    step(): number {
      let count = 0
      let last: BatchRow | undefined
      let rows = readRows(watermark)
      if (rows.length === 0) return 0
      index.exec('BEGIN IMMEDIATE')
      try {
        while (rows.length > 0 && count < transactionEntries) {
          indexRows(rows)
          count += rows.length
          last = rows.at(-1)
          rows = rows.length < batchEntries ? [] : readRows(last?.seq ?? watermark)
        }
        updateState.run(last?.seq ?? watermark, last?.hash ?? null)
        index.exec('COMMIT')
      } catch (error) {
        if (index.isTransaction) index.exec('ROLLBACK')
        throw error
      }
      watermark = last?.seq ?? watermark
      return count
    },
  }
}

interface BatchRow extends EntryRow {
  readonly seq: number
  readonly tenant: string
}

/**
 * Does this index belong to this log? False where the log is another one, was rolled back behind
 * the index, or holds another entry at the watermark: the index is then made anew.
 */
export function isIndexOf(log: DatabaseSync, instance: string, state: IndexState): boolean {
  if (state.instance !== instance) return false
  if (state.watermark === 0) return true
  const row = log.prepare('SELECT hash FROM entry WHERE seq = ?').get(state.watermark)
  const kept = row?.hash
  if (!(kept instanceof Uint8Array) || state.hash === null) return false
  return Buffer.compare(kept, state.hash) === 0
}
