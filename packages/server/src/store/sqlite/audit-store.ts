import type { DatabaseSync } from 'node:sqlite'
import { partLabels } from '@indelible/protocol'
import { messageOf } from '../../base/message-of.ts'
import { canonicalUuid, countNodes, encodeId, headColumns, type LogRow, toHead } from '../rows.ts'
import type { AuditStore, Parts, PlacedEntry, StoredCheckpoint, StrayRows } from '../store.ts'
import { createLogNumbers } from './append-store.ts'
import { createProveStore } from './prove-store.ts'

/** Stray rows named of one log; more of them say nothing new. */
const straysMax = 100

/**
 * Capability: audit, on a read-only handle of log.db. Entries are read in short statements, never
 * in one long transaction: that would keep the running service's WAL from being reset.
 */
export function createAuditStore(options: { readonly log: DatabaseSync }): AuditStore {
  const { log } = options
  const numbers = createLogNumbers(log)
  // The index by which all reads find an entry, and the row itself, must say the same of it: read from
  // the row alone, an index that rotted would be found by no audit, and entries by no read. (After
  // "i.log = ?" SQLite takes the number that was asked for instead of the one that the index has.)
  const readPlaced = log.prepare(`
    SELECT ${placedColumns} FROM entry AS i INDEXED BY entry_by_index
    JOIN entry AS e ON e.seq = i.seq AND +e.log = i.log AND +e.idx = i.idx
    WHERE i.log IS ? AND i.idx >= ? AND i.idx < ? ORDER BY i.idx`)
  readPlaced.setReturnArrays(true)
  // All ids in one statement, in the array's order: one at a time costs four times as much.
  const readPlaces = log.prepare(`
    SELECT json_group_array(i.seq) AS places
    FROM json_each(?) AS n LEFT JOIN entry_id AS i ON i.log = ? AND i.id = unhex(n.value, '-')`)
  return {
    ...createProveStore({ log }),
    async readSnapshot({ withStrays } = { withStrays: false }) {
      // Outside of the snapshot: once a page can't be read, its COMMIT fails.
      const unindexed = withStrays ? [...strayOfIndex(log), ...strayOfHeads(log)] : []
      log.exec('BEGIN')
      try {
        const rows = log.prepare(`SELECT number, ${headColumns} FROM log ORDER BY tenant`).all()
        const logs = rows as unknown as NumberedLog[] // the columns
        const checkpoints = log
          .prepare(
            `SELECT l.tenant, c.size, c.time, c.note
             FROM checkpoint AS c JOIN log AS l ON l.number = c.log`,
          )
          .all() as unknown as StoredCheckpoint[] // columns of StoredCheckpoint
        const strays = withStrays
          ? [...logs.flatMap((row) => strayOfLog(log, row)), ...strayOfNoLog(log)]
          : []
        return { heads: logs.map(toHead), checkpoints, strays: [...strays, ...unindexed] }
      } finally {
        log.exec('COMMIT')
      }
    },
    async readPlaced(tenant, from, until) {
      const rows = readPlaced.all(numbers(tenant), from, until) as unknown as PlacedRow[]
      const bytes = Buffer.allocUnsafeSlow(rows.length * bytesEach)
      return rows.map((row, n) => toPlaced(tenant, row, bytes, n * bytesEach))
    },
    async readPlaces(tenant, ids) {
      const row = readPlaces.get(JSON.stringify(ids.map(toHex)), numbers(tenant))
      const places: (number | null)[] = JSON.parse(String(row?.places))
      return places.map((place) => place ?? undefined)
    },
  }
}

/** `encodeId` of rows.ts, as hex; a UUID is as good as it is, dashes and all. */
const toHex = (id: string): string =>
  canonicalUuid.test(id) ? id : Buffer.from(encodeId(id)).toString('hex')

/**
 * A blob costs five times as much as its hex, which is written into one buffer for all rows. A text
 * would have the same hex, and no reader takes it for a hash: only blobs are not less than x''.
 */
const hexOf = (column: string): string => `iif(${column} >= x'', hex(${column}), '')`

const placedColumns = [
  ...['e.seq', 'e.idx', 'e.received', 'e.type', hexOf('e.hash'), hexOf('e.secret')],
  ...partLabels.map((label) => `e.${label}`),
].join(', ')

/** A row of `placedColumns`. */
type PlacedRow = [
  place: number,
  index: number,
  received: number,
  type: string,
  hash: string,
  secret: string,
  ...parts: (string | null)[],
]

const hashBytes = 32
const secretBytes = 16
const bytesEach = hashBytes + secretBytes

/** One literal of one shape, from an array: rows as objects, label by label, cost three times it. */
function toPlaced(tenant: string, row: PlacedRow, bytes: Buffer, at: number): PlacedEntry {
  const [place, index, received, type] = row
  const hash = decodeHex(row[4], bytes, at, hashBytes)
  const secret = decodeHex(row[5], bytes, at + hashBytes, secretBytes)
  const parts = {
    actor: row[6] ?? undefined,
    changes: row[7] ?? undefined,
    context: row[8] ?? undefined,
    core: row[9] ?? undefined,
    data: row[10] ?? undefined,
    targets: row[11] ?? undefined,
  } as Parts // a part that is not there may be undefined instead of absent; core is NOT NULL
  return { tenant, index, received, type, hash, secret, parts, place }
}

/** @returns a view of `bytes`; bytes of its own where someone made it longer or shorter */
function decodeHex(hex: string, bytes: Buffer, at: number, length: number): Buffer {
  if (hex.length !== length * 2) return Buffer.from(hex, 'hex')
  bytes.write(hex, at, length, 'hex')
  return bytes.subarray(at, at + length)
}

interface NumberedLog extends LogRow {
  readonly number: number
}

/** Rows that a log's head does not account for. */
function strayOfLog(log: DatabaseSync, { number, tenant, size }: NumberedLog): StrayRows[] {
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

/** Rows that no index leads to: whoever reads them in the order of appending would meet them. */
function strayOfIndex(log: DatabaseSync): StrayRows[] {
  try {
    const counts = log
      .prepare(
        `SELECT (SELECT count(*) FROM entry NOT INDEXED) AS kept,
           (SELECT count(*) FROM entry INDEXED BY entry_by_index) AS found`,
      )
      .get()
    if (counts?.kept === counts?.found) return []
    const what = `${counts?.kept} rows of entries, and ${counts?.found} in their index`
    return [{ tenant: undefined, what }]
  } catch (error) {
    // No reason not to read what can be read.
    const what = `rows of entries that can't be counted: ${messageOf(error)}`
    return [{ tenant: undefined, what }]
  }
}

/** Heads are read in their index's order, with its names: rows that say otherwise would never be seen. */
function strayOfHeads(log: DatabaseSync): StrayRows[] {
  const [first] = log.prepare('PRAGMA integrity_check(log)').all()
  const told = String(first?.integrity_check)
  return told === 'ok' ? [] : [{ tenant: undefined, what: `a list of logs at odds: ${told}` }]
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
