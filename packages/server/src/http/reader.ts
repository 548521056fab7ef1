import type { PartLabel } from '@indelible/protocol'
import type { Count, CountRequest } from '../query/count.ts'
import type { Position } from '../query/cursor.ts'
import type { Histogram, HistogramRequest } from '../query/histogram.ts'
import type { Query } from '../query/query.ts'
import type { FieldValues, ValuesRequest } from '../query/values.ts'
import type { AdminStore, Direction, LogHead, StoredCheckpoint } from '../store/store.ts'

export interface SearchCall {
  readonly tenants: readonly string[]
  /** What cursors are bound to: the tenants as granted; see query/cursor.ts. */
  readonly boundTenants: readonly string[]
  readonly query: Query
  readonly order: Direction
  readonly limit: number
  readonly cursor?: string
}

export type ExportFormat = 'ndjson' | 'csv' | 'receipts'

/**
 * Everything that reads, wherever it runs (worker threads on the embedded store). Entries come as
 * JSON text, so that they cross a thread without being parsed and serialised again.
 */
export type Reader = Pick<AdminStore, 'listAdmin'> & {
  listLogs(): Promise<LogHead[]>
  readLog(tenant: string): Promise<LogHead | undefined>
  readCheckpoint(tenant: string): Promise<StoredCheckpoint | undefined>
  search(call: SearchCall): Promise<{ entries: string; next: string | null }>
  /** One page of an export: its lines, and where to go on. */
  exportPage(
    call: Omit<SearchCall, 'boundTenants' | 'cursor'> & {
      readonly format: ExportFormat
      /** Text of the page; default `limits.pageBytesMax`. */
      readonly bytesMax?: number
      readonly after?: Position
      readonly checkpoints: readonly StoredCheckpoint[]
    },
  ): Promise<{ lines: string; count: number; next: Position | null }>
  /** How many entries of one log match, newest first, as far as one call goes. */
  count(request: CountRequest): Promise<Count>
  histogram(request: HistogramRequest): Promise<Histogram>
  values(request: ValuesRequest): Promise<FieldValues>
  /** JSON of an entry, if it is there and the query lets it through. */
  readEntry(
    tenant: string,
    id: string,
    query: Query,
  ): Promise<{ json: string; index: number } | undefined>
  /** Entries of one log from an index on, for the live stream. */
  follow(call: {
    readonly tenant: string
    readonly from: number
    readonly limit: number
    readonly query: Query
  }): Promise<{ lines: { index: number; json: string }[]; next: number }>
  receipt(
    tenant: string,
    id: string,
    checkpoint: StoredCheckpoint,
    parts: readonly PartLabel[] | undefined,
  ): Promise<string | undefined>
  inclusion(tenant: string, index: number, size: number): Promise<string[]>
  consistency(tenant: string, from: number, to: number): Promise<string[]>
  rootAt(tenant: string, size: number): Promise<string>
  /** Concatenated hashes of one level (0: leaves), as tiles have them. */
  hashes(tenant: string, level: number, from: number, until: number): Promise<Uint8Array>
  /** Entry texts (leaves) as an entry bundle has them: each behind its uint16 length. */
  entryBundle(tenant: string, from: number, until: number): Promise<Uint8Array>
}
