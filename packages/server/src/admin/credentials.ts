import { timingSafeEqual } from 'node:crypto'
import { defaultTenant, everyTenant, roleScopes, scopes } from '@indelible/protocol'
import type { Clock } from '../base/clock.ts'
import { digestSecret, parseApiKey } from './api-key.ts'
import type { Directory } from './directory.ts'
import { holds } from './grants.ts'
import type { Principal } from './principal.ts'
import type { KeyRecord } from './records.ts'
import type {
  AccessClaims,
  Claims,
  SessionClaims,
  SignedTokens,
  ViewerClaims,
} from './signed-tokens.ts'

/** A credential that was verified. */
export interface Credential {
  readonly principal: Principal
  /**
   * The same credential's principal as of now; undefined once it is revoked or has expired.
   * @param at Unix milliseconds; what has not expired by then counts, default: now
   */
  resolve(at?: number): Principal | undefined
  /** The API key's record, where it is one. */
  readonly key?: KeyRecord
}

type Issuer = 'key' | 'user' | 'root'

/** 16 printable characters: what a header can carry, and nobody types by accident. */
const rootKeyPattern = /^[\x21-\x7e](?:[\x20-\x7e]{14,4000})[\x21-\x7e]$/
const rootPrincipal: Principal = {
  kind: 'root',
  id: 'root',
  name: 'root',
  scopes,
  tenants: [everyTenant],
}
/** Nobody, on a service that lets anybody have access tokens. */
export const openPrincipal: Principal = {
  kind: 'access',
  id: 'open',
  name: 'open',
  scopes: ['append', 'read'],
  tenants: [defaultTenant],
}
/** What secrets of unknown keys are compared with: the same work, and never a match. */
const noHash = '0'.repeat(64)

export type Credentials = ReturnType<typeof createCredentials>

/**
 * Tells what a presented secret is worth: root key, API key, session, viewer or access token. Secrets are
 * found by a public id and compared as SHA-256 digests in constant time.
 * @throws Error for a root key that is too short or can't travel in a header
 */
export function createCredentials(options: {
  readonly directory: Directory
  readonly tokens: SignedTokens
  /** INDELIBLE_ROOT_KEY; never stored. */
  readonly rootKey?: string
  /** INDELIBLE_OPEN_TOKENS: access tokens that nobody made are in force. */
  readonly openTokens?: boolean
  readonly clock: Clock
}) {
  const { directory, tokens, rootKey, openTokens = false, clock } = options
  if (rootKey !== undefined && !rootKeyPattern.test(rootKey)) {
    throw new Error('INDELIBLE_ROOT_KEY must have 16 printable ASCII characters or more')
  }
  const rootDigest = rootKey === undefined ? undefined : digestSecret(rootKey)
  const rootEpoch = rootKey === undefined ? undefined : tokens.fingerprint(`root key ${rootKey}`)

  const isOver = (expires: number | undefined, at: number) => expires !== undefined && expires <= at

  function resolveKey(id: string, at: number): Principal | undefined {
    const key = directory.key(id)
    if (key === undefined || isOver(key.expires, at)) return undefined
    const { name, scopes, tenants, expires } = key
    return { kind: 'key', id, name, scopes, tenants, ...(expires === undefined ? {} : { expires }) }
  }

  function resolveUser(username: string): Principal | undefined {
    const user = directory.user(username)
    if (user === undefined || user.disabled) return undefined
    return {
      kind: 'user',
      id: username,
      name: username,
      scopes: roleScopes[user.role],
      tenants: user.tenants,
    }
  }

  function resolveSession(
    claims: Pick<SessionClaims, 'sub' | 'epoch' | 'jti' | 'exp'>,
    at: number,
  ): Principal | undefined {
    const session = directory.session(claims.jti)
    const expires = claims.exp * 1_000
    if (session?.username !== claims.sub || isOver(expires, at)) return undefined
    if (directory.user(claims.sub)?.epoch !== claims.epoch) return undefined
    const user = resolveUser(claims.sub)
    return user === undefined ? undefined : { ...user, expires, session: claims.jti }
  }

  function resolveIssuer(issuer: Issuer, id: string, at: number): Principal | undefined {
    if (issuer === 'root') return rootKey === undefined ? undefined : rootPrincipal
    return issuer === 'key' ? resolveKey(id, at) : resolveUser(id)
  }

  /** What a viewer token of this issuer must carry; another one, and its tokens are dead. */
  function findEpoch(issuer: Issuer, id: string): string | undefined {
    if (issuer === 'root') return rootEpoch
    // Ids of keys are never used again; names of users may be.
    return issuer === 'key' ? directory.key(id)?.id : directory.user(id)?.epoch
  }

  function resolveViewer(claims: ViewerClaims, at: number): Principal | undefined {
    const { issuer, sub, jti, scopes, filter } = claims
    const maker = resolveIssuer(issuer, sub, at)
    const expires = Math.min(claims.exp * 1_000, maker?.expires ?? Number.POSITIVE_INFINITY)
    if (maker === undefined || isOver(expires, at)) return undefined
    if (findEpoch(issuer, sub) !== claims.epoch) return undefined
    const tenants = [claims.tenant]
    if (!holds(maker, { scopes, tenants })) return undefined
    const held = { kind: 'viewer', id: jti, name: claims.name ?? jti, scopes, tenants } as const
    return { ...held, expires, ...(filter === undefined ? {} : { filter }) }
  }

  function resolveAccess(claims: AccessClaims, at: number): Principal | undefined {
    const maker = resolveAccessMaker(claims, at)
    const expires = Math.min(claims.exp * 1_000, maker?.expires ?? Number.POSITIVE_INFINITY)
    if (maker === undefined || isOver(expires, at)) return undefined
    const { jti: id, scopes } = claims
    const tenants = [claims.tenant]
    if (!holds(maker, { scopes, tenants })) return undefined
    return { kind: 'access', id, name: id, scopes, tenants, expires }
  }

  function resolveAccessMaker(claims: AccessClaims, at: number): Principal | undefined {
    const { issuer, sub, epoch, session } = claims
    if (issuer === 'open') return openTokens ? openPrincipal : undefined
    if (findEpoch(issuer, sub) !== epoch) return undefined
    if (session === undefined) return resolveIssuer(issuer, sub, at)
    const expires = directory.session(session)?.expires
    return expires === undefined
      ? undefined
      : resolveSession({ sub, epoch, jti: session, exp: expires / 1_000 }, at)
  }

  function resolveClaims(claims: Claims, at: number): Principal | undefined {
    if (claims.kind === 'session') return resolveSession(claims, at)
    return claims.kind === 'viewer' ? resolveViewer(claims, at) : resolveAccess(claims, at)
  }

  function verifyKey(presented: string): Credential | undefined {
    const parsed = parseApiKey(presented)
    if (parsed === undefined) return undefined
    const key = directory.key(parsed.id)
    const kept = Buffer.from(key?.hash ?? noHash, 'hex')
    if (!timingSafeEqual(kept, digestSecret(parsed.secret)) || key === undefined) return undefined
    const resolve = (at = clock()) => resolveKey(parsed.id, at)
    const principal = resolve()
    if (principal === undefined) return undefined
    return { principal, key, resolve }
  }

  async function verifyToken(presented: string): Promise<Credential | undefined> {
    const found = await tokens.verify(presented)
    if (found === undefined) return undefined
    const { claims, generation } = found
    const resolve = (at = clock()) =>
      tokens.isAccepted(generation) ? resolveClaims(claims, at) : undefined
    const principal = resolve()
    return principal === undefined ? undefined : { principal, resolve }
  }

  return {
    findEpoch,
    /** @returns the credential, or undefined for whatever is not one now; never says why */
    verify(presented: string): Credential | undefined | Promise<Credential | undefined> {
      if (rootDigest !== undefined && timingSafeEqual(rootDigest, digestSecret(presented))) {
        return { principal: rootPrincipal, resolve: () => rootPrincipal }
      }
      return tokens.looksSigned(presented) ? verifyToken(presented) : verifyKey(presented)
    },
  }
}
