import { limits } from '@indelible/protocol'
import { Refusal } from '../../../base/refusal.ts'
import type { App } from '../../app.ts'
import { callerOf } from '../../authenticate.ts'
import { sendDownload } from '../../download.ts'
import { bare, bearer } from '../../presented-credential.ts'
import {
  type DialectParts,
  type DialectScope,
  open,
  openDialect,
  undocumented,
} from '../dialect.ts'
import { formatRetracedCsv, retracedCsvHeader } from './csv.ts'
import { describeRetraced } from './describe-refusal.ts'
import { findAll, type LogSearch } from './find-events.ts'
import { createExportId, readExportId } from './saved-export.ts'
import { answerSearch, narrowToCaller } from './search.ts'

/** The viewer runs in anybody's page, with a token of its own and without cookies. */
const openToPages = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'content-disposition, retry-after',
} as const
const preflight = {
  'access-control-allow-methods': 'GET, POST, PUT, DELETE',
  'access-control-allow-headers': 'authorization, content-type, accept',
  'access-control-max-age': '86400',
} as const

/** What `@retracedhq/logs-viewer` asks for, below the address that is its `host`. */
export function registerRetracedViewer(app: App, base: string, parts: DialectParts): void {
  const viewer = {
    name: 'retraced',
    credential: { header: [bearer, bare] },
    describeRefusal: describeRetraced,
  }
  openDialect(app, parts, viewer, (dialect) => {
    const { scope, route, readJson, readPlainJson } = dialect
    scope.addHook('onRequest', (_, reply, done) => {
      reply.headers(openToPages)
      done()
    })
    scope.options(`${base}/*`, undocumented, (_, reply) =>
      reply.code(204).headers(preflight).send(),
    )
    scope.post(`${base}/viewersession`, open, async (request) =>
      openSession(readPlainJson(request)),
    )
    scope.post(`${base}/graphql`, route, async (request) =>
      answerSearch(request, await readJson(request), parts),
    )
    registerExports(`${base}/project/:project`, dialect, parts)
    registerTokens(`${base}/project/:project`, dialect)
  })
}

/**
 * A session is the token itself. It is looked at where it is used: there the viewer asks its page
 * for another when it is over, here it would wait for ever.
 */
function openSession(body: unknown): { readonly project_id: string; readonly token: string } {
  const token = typeof body === 'object' && body !== null && 'token' in body ? body.token : ''
  if (typeof token === 'string' && token !== '' && token.length <= limits.tokenCharsMax) {
    return { project_id: 'indelible', token }
  }
  throw new Refusal('request-invalid', { detail: 'Send { "token": … }.' })
}

function registerExports(base: string, dialect: DialectScope, parts: DialectParts): void {
  const { scope, route, readJson } = dialect
  // Searches are not kept by name.
  scope.get(`${base}/exports`, route, async () => [])
  scope.post(`${base}/export`, route, async (request, reply) =>
    reply.code(201).send({ id: createExportId(await readJson(request)) }),
  )
  scope.get(`${base}/export/:id/rendered`, route, async (request, reply) => {
    const { id } = request.params as { id: string } // of the path
    const { asked, ...search } = readExportId(id, parts.clock())
    const found = narrowToCaller(request, search, parts, 'export')
    await parts.readAudit.record(callerOf(request), {
      action: 'events.exported',
      tenants: [found.tenant],
      query: asked,
    })
    const file = { ...parts, name: 'audit-log', ending: 'csv' } as const
    return sendDownload(reply, writeCsv(parts, found), file)
  })
}

async function* writeCsv({ reader }: DialectParts, found: LogSearch) {
  yield retracedCsvHeader
  for await (const entry of findAll(reader, found)) yield formatRetracedCsv(entry)
}

/** Tokens that never end are made by administrators alone. */
function registerTokens(base: string, { scope, route }: DialectScope): void {
  scope.get(`${base}/eitapi_tokens`, route, async () => [])
  const refuse = async () => {
    throw new Refusal('scope-insufficient', {
      detail: 'A viewer makes no tokens: ask an administrator for an API key.',
    })
  }
  scope.post(`${base}/eitapi_token`, route, refuse)
  scope.route({
    method: ['PUT', 'DELETE'],
    url: `${base}/eitapi_token/:id`,
    ...route,
    handler: refuse,
  })
}
