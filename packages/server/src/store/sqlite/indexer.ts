import type { DatabaseSync } from 'node:sqlite'
import type { IndexableEntry, ReadFacts } from '../indexed-facts.ts'
import type { Parts } from '../store.ts'
import { createTokenizer, type IndexState, readIndexState } from './index-file.ts'

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
  readonly readFacts: ReadFacts
}) {
  const { log, index, readFacts } = options
  const state = readIndexState(index)
  if (state === undefined) throw new Error('The index file has no state.')
  const tokenizer = createTokenizer(state.secret)
  let watermark = state.watermark
  // As arrays and without hash and secret: a blob costs as much as five texts.
  const readBatch = log.prepare(`
    SELECT e.seq, l.tenant, e.received, e.type,
      e.actor, e.changes, e.context, e.core, e.data, e.targets
    FROM entry AS e JOIN log AS l ON l.number = e.log
    WHERE e.seq > ? ORDER BY e.seq LIMIT ${batchEntries}`)
  readBatch.setReturnArrays(true)
  const readRows = (after: number) => readBatch.all(after) as unknown as BatchRow[] // as selected
  const readHash = log.prepare('SELECT hash FROM entry WHERE seq = ?')
  const insertFacts = index.prepare('INSERT INTO fact (rowid, tokens) VALUES (?, ?)')
  const updateState = index.prepare('UPDATE state SET watermark = ?, hash = ?')
  const widenSpan = index.prepare(`
    INSERT INTO span (tenant, first, last) VALUES (?, ?, ?)
    ON CONFLICT (tenant) DO UPDATE SET
      first = min(first, excluded.first), last = max(last, excluded.last)`)

  const indexRows = (rows: readonly BatchRow[]): void => {
    const spans = new Map<string, { first: number; last: number }>()
    for (const row of rows) {
      const [seq, tenant] = row
      const { groups, time } = readFacts(toIndexable(row))
      const tokens = tokenizer.formatTokens(tenant, groups)
      insertFacts.run(seq, tokens)
      const span = spans.get(tenant)
      if (span === undefined) spans.set(tenant, { first: time, last: time })
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
      let last = watermark
      let rows = readRows(watermark)
      if (rows.length === 0) return 0
      index.exec('BEGIN IMMEDIATE')
      try {
        while (rows.length > 0 && count < transactionEntries) {
          indexRows(rows)
          count += rows.length
          last = rows.at(-1)?.[0] ?? last
          rows = rows.length < batchEntries ? [] : readRows(last)
        }
        updateState.run(last, readHash.get(last)?.hash ?? null)
        index.exec('COMMIT')
      } catch (error) {
        if (index.isTransaction) index.exec('ROLLBACK')
        throw error
      }
      watermark = last
      return count
    },
  }
}

/** A row of `readBatch`, in the order of its columns. */
type BatchRow = [
  seq: number,
  tenant: string,
  received: number,
  type: string,
  ...parts: (string | null)[],
]

function toIndexable(row: BatchRow): IndexableEntry {
  const parts = {
    actor: row[4] ?? undefined,
    changes: row[5] ?? undefined,
    context: row[6] ?? undefined,
    core: row[7] ?? undefined,
    data: row[8] ?? undefined,
    targets: row[9] ?? undefined,
  } as Parts // a part that is not there may be undefined instead of absent; core is NOT NULL
  return { received: row[2], type: row[3], parts }
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
