import type { Fault, PartLabel } from '@indelible/protocol'

/**
 * The contract every store keeps. It is handed out by capability: what may append is not what may
 * read, so that "a query cannot delete" is a compile error. One contract suite runs on each store.
 */

/** The exact JSON text of each part, as kept. Erased parts are absent. */
export type Parts = { readonly [label in PartLabel]?: string } & { readonly core: string }

/** An event after admission: parsed, checked, redacted, stamped; its parts serialised for good. */
export interface AdmittedEvent {
  readonly tenant: string
  /** Of the entry; `event` where left out. */
  readonly type?: string
  readonly id: string
  /** What we filled in: not compared when the same `id` comes again. */
  readonly idStamped: boolean
  readonly timeStamped: boolean
  readonly parts: Parts
  /** UTF-8 bytes of all parts; what the queue's bound counts. */
  readonly bytes: number
  /**
   * What the schema of its action finds wrong with it, by pointers into the request. Such an event
   * is taken only as the repeat of one that was kept before: who retries must not be refused for a
   * schema that came later.
   */
  readonly faults?: readonly Fault[]
}

/** An entry as the store keeps it. */
export interface KeptEntry {
  readonly tenant: string
  readonly index: number
  readonly type: string
  /** Unix milliseconds. */
  readonly received: number
  /** Leaf hash, 32 bytes. */
  readonly hash: Uint8Array
  /** 16 bytes from which the salts of the parts are derived (ledger/leaf.ts). */
  readonly secret: Uint8Array
  readonly parts: Parts
}

/** A log and its right edge. */
export interface LogHead {
  readonly tenant: string
  /** Name in its checkpoints; never changes. */
  readonly origin: string
  readonly generation: number
  readonly vkey: string
  readonly size: number
  /** `received` of the last entry, Unix milliseconds; 0 when empty. */
  readonly received: number
  /** Roots of the perfect subtrees of `size`, largest first, 32 bytes each, concatenated. */
  readonly edge: Uint8Array
  /**
   * Only of a log that has ended (restore with a new generation): the tenant whose log it was,
   * which its entries go on naming. It is read under `tenant`, and neither grows nor is signed.
   */
  readonly formerTenant?: string
  /** Keys that signed it before `vkey`, oldest first; left out where it always had that one. */
  readonly formerKeys?: readonly FormerKey[]
}

/** A key that another has followed (ledger/key-rotation.ts). */
export interface FormerKey {
  readonly generation: number
  readonly vkey: string
  /** Unix milliseconds. */
  readonly ended: number
  /** Whether it still signs beside the one in use, for those who pinned it. */
  readonly signs: boolean
  /** Both keys' word for it: a note of `indelible-key-succession/v1`. */
  readonly succession: string
}

/** The keys of a log. */
export type LogKeys = Pick<LogHead, 'tenant' | 'generation' | 'vkey' | 'formerKeys'>

/** A completed 256-wide subtree: level 1 covers 256 leaves, level 2 covers 65,536, … */
export interface TreeNode {
  readonly level: number
  readonly index: number
  readonly hash: Uint8Array
}

export interface StoredCheckpoint {
  readonly tenant: string
  readonly size: number
  /** Unix milliseconds of its cosignature. */
  readonly time: number
  /** The signed note, exactly as served. */
  readonly note: string
}

/** All logs in a few figures. Times are Unix milliseconds; 0 where there is nothing to tell of. */
export interface LogFigures {
  readonly logs: number
  /** Sum of their sizes. */
  readonly entries: number
  /** The newest `received`. */
  readonly received: number
  /** When the newest checkpoint was signed. */
  readonly signed: number
  /** `received` of the oldest entry that no checkpoint covers. */
  readonly unsignedSince: number
}

export const adminKinds = [
  'key',
  'user',
  'session',
  'tenant',
  'setting',
  'redaction',
  'schema',
] as const
export type AdminKind = (typeof adminKinds)[number]
/** A row of administration, by kind and id; `value` is its JSON. */
export interface AdminRecord {
  readonly kind: AdminKind
  readonly id: string
  readonly value: string
}
/** One change of administration; `value: null` removes. `expect` makes it a compare-and-swap. */
export interface AdminChange {
  readonly kind: AdminKind
  readonly id: string
  readonly value: string | null
  /** `absent`: the record must not exist; `present`: it must. Otherwise the change is refused. */
  readonly expect?: 'absent' | 'present'
}

/**
 * Capability: append. `transact` commits durably before it resolves, or leaves nothing behind.
 * Only the sequencer holds it.
 */
export interface AppendStore {
  transact<T>(work: (transaction: AppendTransaction) => Promise<T>): Promise<T>
}

export interface AppendTransaction {
  /** The clock of the store, Unix milliseconds; left out where only one service writes to it. */
  readClock?(): Promise<number>
  /** Heads of the logs that exist, locked until the end of the transaction, in tenant order. */
  lockHeads(tenants: readonly string[]): Promise<Map<string, LogHead>>
  /** Where there is one already, the work is done again from the start, or refused. */
  createLog(head: LogHead): Promise<void>
  /** Ends a tenant's log: from now on it is read under `name`, and the tenant has none. */
  endLog(tenant: string, name: string): Promise<void>
  /** Entries already kept under these ids, in the tenant's log or in one of its ended logs. */
  findIds(tenant: string, ids: readonly string[]): Promise<Map<string, KeptEntry>>
  /** Appends rows at the indexes they name; `ids[i]` is the id of `entries[i]`. */
  insertEntries(entries: readonly KeptEntry[], ids: readonly string[]): Promise<void>
  insertNodes(tenant: string, nodes: readonly TreeNode[]): Promise<void>
  saveHead(head: LogHead): Promise<void>
  /** `saveHead` leaves a log's keys as they are. */
  saveKeys(keys: LogKeys): Promise<void>
  saveCheckpoint(checkpoint: StoredCheckpoint): Promise<void>
  hasAdmin(kind: AdminKind, id: string): Promise<boolean>
  changeAdmin(change: AdminChange): Promise<void>
}

export type Direction = 'newest-first' | 'oldest-first'

/**
 * Which entries an index lookup asks for: each group is an OR of facts, groups are ANDed.
 * No group: every entry of the log.
 */
export interface Candidates {
  readonly tenant: string
  readonly groups: readonly (readonly string[])[]
  readonly direction: Direction
  /** Exclusive bound: indexes below it (newest-first) or above it (oldest-first). */
  readonly from: number | undefined
  readonly limit: number
}

/** Capability: read. Sees every committed entry at once, indexed or not. */
export interface ReadStore {
  listLogs(): Promise<LogHead[]>
  readLog(tenant: string): Promise<LogHead | undefined>
  readById(tenant: string, id: string): Promise<KeptEntry | undefined>
  /** Entries with from <= index < until, ascending, at most `limit`. */
  readRange(tenant: string, from: number, until: number, limit: number): Promise<KeptEntry[]>
  /**
   * Entries that may match, in order. The store answers from its index and adds, unfiltered, what
   * the index has not reached yet, so every hit must be rechecked against the entry itself.
   * Fewer than `limit` mean that no more follow.
   */
  findCandidates(candidates: Candidates): Promise<KeptEntry[]>
  /** How many indexed entries carry all groups; `exact` is false if some are not indexed yet. */
  countCandidates(
    tenant: string,
    groups: readonly (readonly string[])[],
  ): Promise<{ count: number; exact: boolean }>
  /** Earliest and latest event `time` in the index, Unix milliseconds; undefined when unknown. */
  readTimeSpan(tenant: string): Promise<{ first: number; last: number } | undefined>
}

/** Capability: prove. Hashes only; no payload. */
export interface ProveStore {
  /** Leaf hashes with from <= index < until, concatenated. */
  readLeafHashes(tenant: string, from: number, until: number): Promise<Uint8Array>
  /** Hashes of completed 256-wide subtrees of a level >= 1, concatenated. */
  readNodes(tenant: string, level: number, from: number, until: number): Promise<Uint8Array>
  readCheckpoint(tenant: string): Promise<StoredCheckpoint | undefined>
}

/** An entry with the place the store itself gave it, which grows along with the index. */
export interface PlacedEntry extends KeptEntry {
  readonly place: number
}

/** What lies in the store and can't be reached through a log's entries. */
export interface StrayRows {
  /** The log they claim, if there is one. */
  readonly tenant: string | undefined
  readonly what: string
  /** The first entry's index, where they are entries. */
  readonly index?: number
}

/** Everything about the logs but their entries, at one moment. */
export interface AuditSnapshot {
  readonly heads: readonly LogHead[]
  readonly checkpoints: readonly StoredCheckpoint[]
  /** None where they were not looked for. */
  readonly strays: readonly StrayRows[]
}

/** Capability: audit. What is kept, as it is kept; nothing is taken on trust, so all may throw. */
export interface AuditStore extends ProveStore {
  /** Looking for strays counts the rows of every log; without, a log costs its head. */
  readSnapshot(options?: { readonly withStrays: boolean }): Promise<AuditSnapshot>
  /** Entries with from <= index < until, ascending. */
  readPlaced(tenant: string, from: number, until: number): Promise<PlacedEntry[]>
  /** The place that each id leads to; undefined where the store knows no such id. */
  readPlaces(tenant: string, ids: readonly string[]): Promise<(number | undefined)[]>
}

/** Capability: administration. */
export interface AdminStore {
  listAdmin(kind: AdminKind): Promise<AdminRecord[]>
}
