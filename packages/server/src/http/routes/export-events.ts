import { limits } from '@indelible/protocol'
import { Type } from 'typebox'
import { Refusal } from '../../base/refusal.ts'
import type { Position } from '../../query/cursor.ts'
import { csvHeader } from '../../query/export.ts'
import { formatQuery } from '../../query/query.ts'
import type { StoredCheckpoint } from '../../store/store.ts'
import type { App } from '../app.ts'
import { callerOf, principalOf } from '../authenticate.ts'
import { document } from '../documented.ts'
import { sendDownload } from '../download.ts'
import { findLog, waitForCheckpoint } from '../find-log.ts'
import type { ReadParts } from '../read-parts.ts'
import {
  FilterParameters,
  openQuery,
  type ReadRequest,
  readChoice,
  readFilters,
  readOrder,
  readParameters,
} from '../read-request.ts'
import type { ExportFormat } from '../reader.ts'

/** One page of an export: bounds what is in memory. */
const page = { limit: 500, bytesMax: limits.exportPageBytesMax } as const

const schema = {
  ...document(
    {
      tags: ['events'],
      summary: 'Export events',
      description:
        'Streamed, any size, the same filters as a search. `csv` is safe to open in a ' +
        'spreadsheet; `receipts` can be verified offline, its first line is a manifest.',
    },
    { 200: Type.String({ description: 'application/x-ndjson or text/csv.' }) },
    ['query-invalid', 'request-invalid', 'log-unknown', 'checkpoint-pending'],
  ),
  querystring: Type.Object(
    {
      ...FilterParameters,
      format: Type.Optional(Type.Unknown({ description: 'ndjson (default), csv or receipts.' })),
      order: Type.Optional(Type.Unknown({ description: '`desc` (default) or `asc`.' })),
    },
    openQuery,
  ),
}

/** `GET /v1/export` */
export function registerExportEvents(app: App, parts: ReadParts): void {
  // A HEAD would read the whole export for nothing.
  const route = { schema, onRequest: parts.authenticator.hook, exposeHeadRoute: false }
  app.get('/v1/export', route, async (request, reply) => {
    const format = readChoice(request, 'format', ['ndjson', 'csv', 'receipts']) ?? 'ndjson'
    const order = readOrder(request)
    const filters = await readFilters(request, principalOf(request), { ...parts, scope: 'export' })
    const proof = format === 'receipts' ? await openReceipts(filters, parts) : undefined
    await parts.readAudit.record(callerOf(request), {
      action: 'events.exported',
      tenants: filters.tenants,
      query: readParameters(request),
    })
    const first = format === 'csv' ? csvHeader : (proof?.manifest ?? '')
    const checkpoints = proof === undefined ? [] : [proof.checkpoint]
    const pages = readPages({ ...filters, order, format, checkpoints }, first, parts)
    const ending = format === 'csv' ? 'csv' : 'ndjson'
    return sendDownload(reply, pages, { ...parts, name: 'indelible', ending })
  })
}

/** Lines of an export, page by page; ends early when nobody reads on. */
export async function* readPages(
  call: ReadRequest & {
    readonly order: 'newest-first' | 'oldest-first'
    readonly format: ExportFormat
    readonly checkpoints: readonly StoredCheckpoint[]
  },
  first: string,
  { reader }: Pick<ReadParts, 'reader'>,
): AsyncGenerator<string, void, undefined> {
  if (first !== '') yield first
  let after: Position | null = null
  do {
    const position: { after?: Position } = after === null ? {} : { after }
    const { lines, next } = await reader.exportPage({ ...call, ...page, ...position })
    if (lines !== '') yield lines
    after = next
  } while (after !== null)
}

/** The checkpoint that every receipt of the export proves against, and the manifest that says so. */
async function openReceipts({ tenants, query }: ReadRequest, parts: ReadParts) {
  const [tenant] = tenants
  if (tenant === undefined || tenants.length > 1) {
    throw new Refusal('query-invalid', { detail: 'Receipts are exported one tenant at a time.' })
  }
  const { origin, vkey, size } = await findLog(parts, tenant)
  const checkpoint = await waitForCheckpoint(parts, tenant, size)
  const root = checkpoint.note.split('\n')[2]
  const manifest = {
    ...{ format: 'indelible-receipts/v1', tenant, origin, vkey, size: checkpoint.size, root },
    ...{ checkpoint: checkpoint.note, filter: formatQuery(query) },
  }
  return { checkpoint, manifest: `${JSON.stringify(manifest)}\n` }
}
