import { limits, type Scope, type ViewerToken } from '@indelible/protocol'
import { type Clock, formatTime } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import { createShortId, type RandomBytes } from './api-key.ts'
import { attribute, type Caller } from './caller.ts'
import type { Credentials } from './credentials.ts'
import type { Directory } from './directory.ts'
import { parseExpiry } from './expiry.ts'
import { assertNoFaults } from './grants.ts'
import { assertScope } from './principal.ts'
import { resolveReadTenants } from './resolve-tenants.ts'
import type { SignedTokens } from './signed-tokens.ts'

export interface ViewerTokenRequest {
  readonly tenant?: string
  /** A query; every read with the token is narrowed by it. */
  readonly filter?: string
  /** RFC 3339; or `ttl`, seconds. Default: an hour. */
  readonly expires?: string
  readonly ttl?: number
  readonly name?: string
  readonly export?: boolean
}

export type ViewerTokens = ReturnType<typeof createViewerTokens>

/**
 * Short-lived tokens for showing one tenant, or a part of it, to somebody: signed, not stored. They
 * die with their issuer, or when the issuer's grant no longer covers them (credentials.ts).
 */
export function createViewerTokens(options: {
  readonly directory: Directory
  readonly tokens: SignedTokens
  readonly credentials: Pick<Credentials, 'findEpoch'>
  /** Throws a Refusal `query-invalid` for a query that is not in the search grammar. */
  readonly checkQuery: (query: string) => void
  readonly clock: Clock
  readonly randomBytes: RandomBytes
}) {
  const { directory, tokens, credentials, clock, randomBytes } = options

  function assertFilter(filter: string): void {
    try {
      options.checkQuery(filter)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      assertNoFaults([{ pointer: '/filter', detail: error.message }])
    }
  }

  return {
    /** @throws Refusal `request-invalid` `scope-insufficient` */
    async create(caller: Caller, request: ViewerTokenRequest): Promise<ViewerToken> {
      const { principal } = caller
      const { kind } = principal
      if (kind === 'viewer' || kind === 'access') {
        throw new Refusal('scope-insufficient', {
          detail: 'Viewer and access tokens cannot make further tokens.',
        })
      }
      assertScope(principal, 'read')
      if (request.export === true) assertScope(principal, 'export')
      if (request.tenant === '*') {
        assertNoFaults([{ pointer: '/tenant', detail: 'must be one tenant' }])
      }
      const [tenant = ''] = resolveReadTenants(principal, request.tenant, [])
      const exp = resolveExpiry(request, clock())
      const { filter } = request
      if (filter !== undefined) assertFilter(filter)
      const id = createShortId(randomBytes)
      const scopes: Scope[] = request.export === true ? ['read', 'export'] : ['read']
      const token = await tokens.sign({
        kind: 'viewer',
        sub: principal.id,
        issuer: kind,
        epoch: credentials.findEpoch(kind, principal.id) ?? '',
        jti: id,
        exp,
        tenant,
        scopes,
        ...(filter === undefined ? {} : { filter }),
        ...(request.name === undefined ? {} : { name: request.name }),
      })
      if (token.length > limits.tokenCharsMax) {
        assertNoFaults([{ pointer: '/filter', detail: 'is too long to travel in a token' }])
      }
      const shown = { tenant, scopes, filter: filter ?? null, expires: formatTime(exp * 1_000) }
      await directory.administer(() => ({
        changes: [],
        record: {
          action: 'token.created',
          ...attribute(caller),
          targets: [{ type: 'viewer', id, name: request.name ?? id }],
          data: shown,
        },
      }))
      return { id, token, ...shown }
    },
  }
}

/** @returns Unix seconds */
function resolveExpiry(request: ViewerTokenRequest, now: number): number {
  if (request.expires !== undefined && request.ttl !== undefined) {
    assertNoFaults([{ pointer: '/ttl', detail: 'cannot be given along with "expires"' }])
  }
  const asked =
    request.expires === undefined
      ? now + (request.ttl === undefined ? limits.viewerTokenMsDefault : request.ttl * 1_000)
      : parseExpiry(request.expires, now)
  if (typeof asked === 'object') {
    assertNoFaults([asked])
    return 0
  }
  const pointer = request.ttl === undefined ? '/expires' : '/ttl'
  const exp = Math.floor(asked / 1_000)
  const hours = limits.viewerTokenMsMax / 3_600_000
  assertNoFaults([
    exp * 1_000 <= now ? { pointer, detail: 'is over at once' } : undefined,
    exp - Math.floor(now / 1_000) > limits.viewerTokenMsMax / 1_000
      ? { pointer, detail: `may be ${hours} hours away at most` }
      : undefined,
  ])
  return exp
}
