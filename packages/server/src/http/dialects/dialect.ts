import { type Head, limits } from '@indelible/protocol'
import type { FastifyRequest, onRequestHookHandler } from 'fastify'
import type { AccessTokens } from '../../admin/access-tokens.ts'
import type { Directory } from '../../admin/directory.ts'
import { assertScope } from '../../admin/principal.ts'
import { resolveWriteTenant } from '../../admin/resolve-tenants.ts'
import type { Sessions } from '../../admin/sessions.ts'
import { Refusal } from '../../base/refusal.ts'
import type { Admission } from '../../intake/admit.ts'
import { assertBatchSize, readBody } from '../../intake/body.ts'
import {
  type Draft,
  type Translation,
  translatePointer,
} from '../../intake/dialects/translation.ts'
import { parseJson } from '../../intake/json.ts'
import type { AdmittedEvent } from '../../store/store.ts'
import { type App, setRefusal } from '../app.ts'
import { principalOf } from '../authenticate.ts'
import { toRefusal } from '../framework-faults.ts'
import { assertDecodable } from '../known-parameters.ts'
import { bearer, type CredentialForms } from '../presented-credential.ts'
import type { ReadParts } from '../read-parts.ts'

/** What dialects are built from. */
export interface DialectParts extends ReadParts {
  readonly admission: Admission
  readonly append: (events: readonly AdmittedEvent[]) => Promise<Head[]>
  readonly directory: Pick<Directory, 'catchUp'>
  readonly sessions: Sessions
  readonly accessTokens: AccessTokens
}

/** In what a dialect differs from our own API. */
export interface Dialect {
  /** Kept of each event as `context.dialect`. */
  readonly name: string
  /** How its callers present a credential. Default: `Authorization: Bearer`. */
  readonly credential?: CredentialForms
  /** Statuses of ours for which its clients know another. */
  readonly statuses?: Readonly<Record<number, number>>
  /**
   * Body of every refusal, JSON; the default is a problem (RFC 9457). Status, `Retry-After` and
   * the like are set already. Bytes are sent as they are, of the type that the request had.
   */
  readonly describeRefusal?: (
    refusal: Refusal,
    status: number,
    request: FastifyRequest,
  ) => object | Uint8Array
}

/** The document is of our own API; a dialect's has been written by others. */
export const undocumented: RouteOptions = { schema: { hide: true } }
interface RouteOptions {
  readonly schema: { readonly hide: true }
}
/** Of a route that authenticates nobody: little is read there, and by `readPlainJson`. */
export const open = { ...undocumented, bodyLimit: limits.loginBodyBytesMax }

/** What the routes of a dialect are written with. */
export interface DialectScope {
  readonly scope: App
  /** Of every route: it authenticates before any body is read, and our document leaves it out. */
  readonly route: RouteOptions & { readonly onRequest: onRequestHookHandler }
  /** A body of any content type, decompressed, as `parse` reads it. */
  readBody<T>(request: FastifyRequest, parse: (body: Buffer) => T): Promise<T>
  /** A JSON body, as strictly as an event's. */
  readJson(request: FastifyRequest): Promise<unknown>
  /** The same of a stranger: nothing is inflated, or 16 kB from anybody would be 16 MiB to parse. */
  readPlainJson(request: FastifyRequest): unknown
  /**
   * Submits events as `POST /v1/events` does: grants, redaction, limits, all or nothing, durable
   * before it resolves. Faults point into the foreign body.
   * @param options.tenant whose log, for events that name none. Default: the caller's.
   * @throws Refusal
   */
  submit(
    request: FastifyRequest,
    translation: Translation,
    options?: { readonly tenant?: string | undefined },
  ): Promise<readonly Head[]>
}

/**
 * Opens a part of the application that speaks another service's language: any content type,
 * its callers' credential, and its own words for whatever goes wrong, our framework's refusals
 * included. Everything else is as on our own routes.
 */
export function openDialect(
  app: App,
  parts: Pick<DialectParts, 'authenticator' | 'admission' | 'append'>,
  dialect: Dialect,
  register: (scope: DialectScope) => void,
): void {
  const { authenticator, admission, append } = parts
  const credential = dialect.credential ?? { header: [bearer] }
  const read = <T>(request: FastifyRequest, parse: (body: Buffer) => T): Promise<T> => {
    const contentEncoding = request.headers['content-encoding']
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
    return readBody({ contentEncoding, body }, parse)
  }
  app.register(async (scope: App) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_, body, done) => done(null, body))
    scope.addHook('preValidation', (request, _, done) => {
      assertDecodable(request.url)
      done()
    })
    scope.setErrorHandler((error, request, reply) => {
      const refusal = toRefusal(error, request)
      const problem = setRefusal(reply, refusal)
      const { describeRefusal, statuses = {} } = dialect
      const status = statuses[problem.status] ?? problem.status
      reply.code(status)
      const body = describeRefusal?.(refusal, status, request) ?? problem
      if (body instanceof Uint8Array) return reply.type(readEssence(request)).send(body)
      const type = describeRefusal === undefined ? 'application/problem+json' : 'application/json'
      return reply.type(type).send(JSON.stringify(body))
    })
    register({
      scope,
      route: { ...undocumented, onRequest: authenticator.hookFor(credential) },
      readBody: read,
      readJson: (request) => read(request, parseJson),
      readPlainJson: ({ body }) => parseJson(Buffer.isBuffer(body) ? body : Buffer.alloc(0)),
      async submit(request, translation, { tenant } = {}) {
        const principal = principalOf(request)
        assertScope(principal, 'append')
        assertBatchSize(translation.events.length)
        const name = (event: Draft): Draft => ({
          ...event,
          context: { ...event.context, dialect: dialect.name },
        })
        const { events, lesserOf } = translation
        const admitted = admission.admit(events.map(name), {
          shape: 'batch',
          lesserOf: lesserOf && ((n) => lesserOf(n).map(name)),
          resolveTenant: (named) => resolveWriteTenant(principal, named ?? tenant),
          pointerTo: (pointer) => translatePointer(translation, pointer),
        })
        return append(admitted).catch((error) => {
          throw translateConflict(error, translation)
        })
      },
    })
  })
}

/** The media type of a body, without its parameters. */
export const readEssence = ({ headers }: FastifyRequest): string =>
  headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? ''

/** Who compares a repeat with what is kept knows our own pointers only: `/3/id`, or `/id` of one. */
function translateConflict(error: unknown, translation: Translation): unknown {
  if (!(error instanceof Refusal) || error.code !== 'idempotency-conflict') return error
  const errors = error.errors?.map(({ pointer, detail }) => {
    const inBatch = pointer === '/id' ? '/0/id' : pointer
    return { pointer: translatePointer(translation, inBatch), detail }
  })
  const { code, message: detail } = error
  return new Refusal(code, errors === undefined ? { detail } : { detail, errors })
}
