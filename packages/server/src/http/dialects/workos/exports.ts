import { hash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { LRUCache } from 'lru-cache'
import type { ViewerTokens } from '../../../admin/viewer-tokens.ts'
import { formatTime } from '../../../base/clock.ts'
import { Refusal } from '../../../base/refusal.ts'
import { csvHeader } from '../../../query/export.ts'
import type { App } from '../../app.ts'
import { callerOf, principalOf } from '../../authenticate.ts'
import { sendDownload } from '../../download.ts'
import { refuseInvalid } from '../../presented-credential.ts'
import { readFilters } from '../../read-request.ts'
import { readPages } from '../../routes/export-events.ts'
import { type DialectParts, type DialectScope, openDialect } from '../dialect.ts'
import { readIdempotencyKey } from '../idempotency-key.ts'
import { describeWorkos } from './describe-refusal.ts'
import { type Export, formatExportId, parseExportId, readExport } from './export-id.ts'
import { formatOrigin } from './origin.ts'

const linkSeconds = 10 * 60
const csvPath = '/audit_logs/export.csv'
/** Answers that are remembered for whoever did not get them. */
const repeatsMax = 1_000

type Parts = DialectParts & { readonly viewerTokens: ViewerTokens }

/** `POST /audit_logs/exports`, and `GET` with an id. */
export function registerWorkosExports({ scope, route, readJson }: DialectScope, parts: Parts) {
  const ids = new LRUCache<string, string>({ max: repeatsMax })
  scope.post('/audit_logs/exports', route, async (request, reply) => {
    const asked = readExport(await readJson(request))
    const key = readIdempotencyKey(request)
    const { kind, id: caller } = principalOf(request)
    const repeat = key && hash('sha256', JSON.stringify([kind, caller, key, asked]))
    const known = repeat && ids.get(repeat)
    const made = known ? parseExportId(known) : { ...asked, created: parts.clock() }
    const answer = await describeExport(request, made, parts)
    if (repeat) ids.set(repeat, answer.id)
    return reply.code(201).send(answer)
  })
  // An id is as long as what it selects: a wildcard has no bound of its own.
  scope.get('/audit_logs/exports/*', route, async (request) => {
    const { '*': id } = request.params as { '*': string } // of the path
    return describeExport(request, parseExportId(id), parts)
  })
}

/** Ready at once. The link is a viewer token's: for these events, and as long as its maker's key. */
async function describeExport(request: FastifyRequest, made: Export, { viewerTokens }: Parts) {
  const { tenant, filter, created } = made
  const { token } = await viewerTokens
    .create(callerOf(request), {
      ...{ tenant, filter, export: true, ttl: linkSeconds, name: 'export link' },
    })
    .catch((error) => {
      if (!(error instanceof Refusal) || error.code !== 'request-invalid') throw error
      const detail = 'The export selects more than a link can hold: name fewer actions or actors.'
      throw new Refusal('request-invalid', { detail, errors: [{ pointer: '', detail }] })
    })
  const at = formatTime(created)
  return {
    ...{ object: 'audit_log_export', id: formatExportId(made), state: 'ready' },
    url: `${formatOrigin(request)}${csvPath}?token=${token}`,
    ...{ created_at: at, updated_at: at },
  }
}

/** What the link leads to: whoever has it needs no key, and gets no more than it was made for. */
export function registerWorkosCsv(app: App, parts: DialectParts): void {
  const link = {
    ...{ name: 'workos', describeRefusal: describeWorkos },
    credential: { header: [], parameter: 'token' },
  }
  openDialect(app, parts, link, ({ scope, route }) => {
    scope.get(csvPath, { ...route, exposeHeadRoute: false }, async (request, reply) => {
      const principal = principalOf(request)
      // A key in a URL would end up in everybody's logs.
      if (principal.kind !== 'viewer') throw refuseInvalid()
      const read = await readFilters(request, principal, { ...parts, scope: 'export' })
      await parts.readAudit.record(callerOf(request), {
        action: 'events.exported',
        tenants: read.tenants,
        query: { q: principal.filter ?? '' },
      })
      const call = { ...read, order: 'newest-first', format: 'csv', checkpoints: [] } as const
      const pages = readPages(call, csvHeader, parts)
      reply.header('referrer-policy', 'no-referrer')
      const file = { ...parts, name: 'audit-log', ending: 'csv' } as const
      return sendDownload(reply, pages, file)
    })
  })
}
