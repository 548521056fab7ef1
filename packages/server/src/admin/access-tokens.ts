import { limits } from '@indelible/protocol'
import type { Clock } from '../base/clock.ts'
import { formatTime } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import { createShortId, type RandomBytes } from './api-key.ts'
import { attribute, type Caller, type RequestContext } from './caller.ts'
import { type Credentials, openPrincipal } from './credentials.ts'
import type { Directory } from './directory.ts'
import type { Principal } from './principal.ts'
import { resolveReadTenants, resolveWriteTenant } from './resolve-tenants.ts'
import type { SignedTokens } from './signed-tokens.ts'

export interface AccessTokenRequest {
  readonly tenant: string | undefined
  /** How long it is asked to last, at most `limits.accessTokenMsMax`. */
  readonly lifeMs: number
}

export interface AccessToken {
  readonly token: string
  /** Seconds, from now: never longer than what it was made with. */
  readonly expiresInS: number
}

export type AccessTokens = ReturnType<typeof createAccessTokens>

/**
 * Tokens that append to one tenant's log and read it, as home-made audit services hand them to
 * their callers: signed, not stored. They end with what they were made with, a session's log-out
 * included (credentials.ts).
 */
export function createAccessTokens(options: {
  readonly directory: Directory
  readonly tokens: SignedTokens
  readonly credentials: Pick<Credentials, 'findEpoch'>
  /** INDELIBLE_OPEN_TOKENS: anybody may have one, for the tenant `default`. */
  readonly openTokens?: boolean
  readonly clock: Clock
  readonly randomBytes: RandomBytes
}) {
  const { directory, tokens, credentials, openTokens = false, clock, randomBytes } = options

  return {
    /** Whether `createOpen` may be called. */
    isOpen: openTokens,

    /** @throws Refusal `scope-insufficient` `query-invalid` `event-invalid` */
    async create(caller: Caller, request: AccessTokenRequest): Promise<AccessToken> {
      const { principal } = caller
      const { kind, id: sub } = principal
      if (kind === 'viewer' || kind === 'access') {
        throw new Refusal('scope-insufficient', {
          detail: 'Viewer and access tokens cannot make further tokens.',
        })
      }
      const epoch = credentials.findEpoch(kind, sub) ?? ''
      const { session } = principal
      const issuer = { issuer: kind, sub, epoch, ...(session === undefined ? {} : { session }) }
      return sign(caller, issuer, request)
    },

    /** One for nobody in particular. @throws Refusal `scope-insufficient` */
    async createOpen(context: RequestContext, request: AccessTokenRequest): Promise<AccessToken> {
      if (!openTokens) throw new Error('open tokens are not set')
      const issuer = { issuer: 'open', sub: 'open', epoch: '' } as const
      return sign({ principal: openPrincipal, context }, issuer, request)
    },
  }

  async function sign(
    caller: Caller,
    issuer: {
      readonly issuer: 'key' | 'user' | 'root' | 'open'
      readonly sub: string
      readonly epoch: string
      readonly session?: string
    },
    request: AccessTokenRequest,
  ): Promise<AccessToken> {
    const { principal } = caller
    const scopes = (['append', 'read'] as const).filter((one) => principal.scopes.includes(one))
    if (scopes.length === 0) {
      throw new Refusal('scope-insufficient', {
        detail: 'An access token appends or reads, and the credential may do neither.',
      })
    }
    const tenant = resolveTenant(principal, request.tenant)
    const now = Math.floor(clock() / 1_000)
    const lifeS = Math.floor(Math.min(request.lifeMs, limits.accessTokenMsMax) / 1_000)
    const exp = Math.min(now + lifeS, Math.floor((principal.expires ?? Infinity) / 1_000))
    const id = createShortId(randomBytes)
    const token = await tokens.sign({ kind: 'access', ...issuer, jti: id, exp, tenant, scopes })
    await directory.administer(() => ({
      changes: [],
      record: {
        action: 'token.created',
        ...attribute(caller),
        targets: [{ type: 'access', id }],
        data: { tenant, scopes, expires: formatTime(exp * 1_000) },
      },
    }))
    return { token, expiresInS: exp - now }
  }
}

/** One tenant by its name, which events may be submitted to. */
function resolveTenant(principal: Principal, named: string | undefined): string {
  if (named === '*') {
    throw new Refusal('query-invalid', { detail: 'An access token is for one tenant.' })
  }
  const [tenant] = resolveReadTenants(principal, named, [])
  return resolveWriteTenant(principal, tenant)
}
