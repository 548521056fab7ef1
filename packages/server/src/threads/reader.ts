import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '../base/clock.ts'
import type { Reader } from '../http/reader.ts'
import type { Keyring } from '../ledger/keyring.ts'
import { createCount } from '../query/count.ts'
import { createCursors } from '../query/cursor.ts'
import { countChars, formatEntry, toEntry, toSearchable } from '../query/entry.ts'
import { formatCsv } from '../query/export.ts'
import { createFilter } from '../query/filter.ts'
import { createHistogram } from '../query/histogram.ts'
import { createSearch } from '../query/search.ts'
import { createValues } from '../query/values.ts'
import { formatBundle } from '../verify/entry-bundle.ts'
import { proveConsistency, proveInclusion } from '../verify/prove.ts'
import { createReceipt } from '../verify/receipt.ts'
import { createTreeReader } from '../verify/tree-reader.ts'
import { loadStores } from './open-stores.ts'
import { serveCalls } from './port.ts'
import type { OtherNodes, ReadingStores, WorkerData } from './stores.ts'

export type ReaderCalls = Reader &
  OtherNodes &
  Pick<ReadingStores, 'readLogFigures'> & { close(): Promise<void> }

/**
 * Text that one answer to a stream looks at: thousands of streams may each hold one for a reader
 * who is slow. The last entry may go beyond it.
 */
const followCharsMax = 64 * 1024
/** Entries read at a time until then. */
const followStep = 16

/** Of a store that nobody else changes: nothing ever happens. */
const noOthers: OtherNodes = {
  readAdminVersion: async () => 0,
  readSizes: async () => new Map(),
  readClock: async () => systemClock(),
}

if (parentPort !== null) {
  const { keyring, openForReading } = await loadStores(workerData as WorkerData) // start-threads.ts
  const opened = await openForReading()
  serveCalls(parentPort, refuseFailures(createReader(keyring, opened), opened))
}

/** A store that is out of reach for a while is a refusal, not a fault of ours. */
function refuseFailures(calls: ReaderCalls, { toRefusal }: ReadingStores): ReaderCalls {
  if (toRefusal === undefined) return calls
  const refuse = (error: unknown): never => {
    throw toRefusal(error) ?? error
  }
  const entries = Object.entries(calls as Record<string, (...args: unknown[]) => Promise<unknown>>)
  return Object.fromEntries(
    entries.map(([name, call]) => [name, (...args: unknown[]) => call(...args).catch(refuse)]),
  ) as ReaderCalls // the same functions, each with its failures told
}

function createReader(keyring: Keyring, opened: ReadingStores): ReaderCalls {
  const { store, proofs, admin, readLogFigures, others = noOthers } = opened
  const options = { store, clock: systemClock }
  const { search } = createSearch(options)
  const cursors = createCursors({ key: keyring.deriveSecret('cursor') })

  return {
    ...others,
    readLogFigures,
    listAdmin: (kind) => admin.listAdmin(kind),
    listLogs: () => store.listLogs(),
    readLog: (tenant) => store.readLog(tenant),
    readCheckpoint: (tenant) => proofs.readCheckpoint(tenant),
    async search({ boundTenants, cursor, ...request }) {
      const binding = { tenants: boundTenants, query: request.query, order: request.order }
      const after = cursor === undefined ? undefined : cursors.open(cursor, binding)
      const { entries, next } = await search({ ...request, after })
      return {
        entries: `[${entries.map(formatEntry).join(',')}]`,
        next: next === null ? null : cursors.seal(next, binding),
      }
    },
    async exportPage({ format, after, checkpoints, ...request }) {
      const { entries, next } = await search({ ...request, after })
      // Receipts are exported one tenant at a time.
      const tree = createTreeReader(proofs, request.tenants[0] ?? '')
      let lines = ''
      for (const kept of entries) {
        if (format === 'csv') lines += formatCsv(toEntry(kept))
        else if (format === 'ndjson') lines += `${formatEntry(kept)}\n`
        else {
          const checkpoint = checkpoints.find(({ tenant }) => tenant === kept.tenant)
          if (checkpoint === undefined || checkpoint.size <= kept.index) continue
          lines += `${JSON.stringify(await createReceipt(tree, kept, checkpoint))}\n`
        }
      }
      return { lines, count: entries.length, next }
    },
    count: (request) => createCount(options).count(request),
    histogram: (request) => createHistogram(options).histogram(request),
    values: (request) => createValues(options).values(request),
    async readEntry(tenant, id, query) {
      const kept = await store.readById(tenant, id)
      if (kept === undefined || !createFilter(query)(toSearchable(kept))) return undefined
      return { json: formatEntry(kept), index: kept.index }
    },
    async follow({ tenant, from, limit, query }) {
      const filter = createFilter(query)
      const lines: { index: number; json: string }[] = []
      let chars = 0
      let next = from
      while (next < from + limit && chars < followCharsMax) {
        const entries = await store.readRange(tenant, next, from + limit, followStep)
        if (entries.length === 0) break
        for (const kept of entries) {
          next = kept.index + 1
          chars += countChars(kept)
          if (filter(toSearchable(kept))) lines.push({ index: kept.index, json: formatEntry(kept) })
          if (chars >= followCharsMax) break
        }
      }
      return { lines, next }
    },
    async receipt(tenant, id, checkpoint, parts) {
      const kept = await store.readById(tenant, id)
      if (kept === undefined) return undefined
      return JSON.stringify(
        await createReceipt(createTreeReader(proofs, tenant), kept, checkpoint, parts),
      )
    },
    async inclusion(tenant, at, size) {
      return toHex(await proveInclusion(createTreeReader(proofs, tenant), at, size))
    },
    async consistency(tenant, from, to) {
      return toHex(await proveConsistency(createTreeReader(proofs, tenant), from, to))
    },
    async rootAt(tenant, size) {
      const root = await createTreeReader(proofs, tenant).rangeRoot(0, size)
      return Buffer.from(root).toString('hex')
    },
    async hashes(tenant, level, from, until) {
      return level === 0
        ? proofs.readLeafHashes(tenant, from, until)
        : proofs.readNodes(tenant, level, from, until)
    },
    async entryBundle(tenant, from, until) {
      return formatBundle(await store.readRange(tenant, from, until, until - from))
    },
    close: () => opened.close(),
  }
}

const toHex = (hashes: readonly Uint8Array[]): string[] =>
  hashes.map((hash) => Buffer.from(hash).toString('hex'))
