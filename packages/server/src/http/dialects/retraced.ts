import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ViewerTokens } from '../../admin/viewer-tokens.ts'
import { translateRetraced } from '../../intake/dialects/retraced.ts'
import type { App } from '../app.ts'
import { bearer } from '../presented-credential.ts'
import { type Dialect, type DialectParts, type DialectScope, openDialect } from './dialect.ts'
import { createRetracedToken } from './retraced/create-token.ts'
import { describeRetraced } from './retraced/describe-refusal.ts'
import { answerSearch } from './retraced/search.ts'
import { registerRetracedViewer } from './retraced/viewer.ts'

export interface RetracedParts extends DialectParts {
  readonly viewerTokens: ViewerTokens
  /** For the ids of events that name themselves. */
  readonly eventIdSecret: Uint8Array
}

/** Where its clients look for the service: `endpoint` can be the bare address, too. */
const prefixes = ['/auditlog', '']

const retraced: Dialect = {
  name: 'retraced',
  // Its own client writes it in both ways.
  credential: { header: [/^(?:token +)?token=(.+)$/i, bearer] },
  describeRefusal: describeRetraced,
}

/** `@retracedhq/retraced` reports events, and searches them; its viewer shows them. */
export function registerRetraced(app: App, parts: RetracedParts): void {
  openDialect(app, parts, retraced, (dialect) => {
    for (const prefix of prefixes) {
      registerPublisher(`${prefix}/publisher/v1/project/:project`, dialect, parts)
    }
  })
  for (const prefix of prefixes) registerRetracedViewer(app, `${prefix}/viewer/v1`, parts)
}

function registerPublisher(base: string, dialect: DialectScope, parts: RetracedParts): void {
  const { scope, route, readJson } = dialect
  const report = async (request: FastifyRequest, shape: 'single' | 'bulk') => {
    const body = await readJson(request)
    const translation = translateRetraced(body, { shape, secret: parts.eventIdSecret })
    const heads = await dialect.submit(request, translation)
    return heads.map(({ id }, n) => ({ id, hash: translation.hashOf(n, id) }))
  }
  const created = (reply: FastifyReply, answer: unknown) => reply.code(201).send(answer)
  scope.post(`${base}/event`, route, async (request, reply) =>
    created(reply, (await report(request, 'single'))[0]),
  )
  scope.post(`${base}/event/bulk`, route, async (request, reply) =>
    created(reply, await report(request, 'bulk')),
  )
  scope.get(`${base}/viewertoken`, route, (request) => createRetracedToken(request, parts))
  scope.post(`${base}/graphql`, route, async (request) =>
    answerSearch(request, await readJson(request), parts),
  )
}
