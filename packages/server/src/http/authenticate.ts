import { isIP } from 'node:net'
import { limits } from '@indelible/protocol'
import type { FastifyRequest, HookHandlerDoneFunction, onRequestHookHandler } from 'fastify'
import { LRUCache } from 'lru-cache'
import type { Caller } from '../admin/caller.ts'
import type { Credential, Credentials } from '../admin/credentials.ts'
import type { Directory } from '../admin/directory.ts'
import type { Principal } from '../admin/principal.ts'
import type { Clock } from '../base/clock.ts'
import {
  type CreateLimiter,
  createMemoryLimiter,
  type Limiter,
  readRetryAfter,
} from '../base/limiter.ts'
import { Refusal } from '../base/refusal.ts'
import {
  type CredentialForms,
  isRepeated,
  parseBearer,
  readPresented,
  refuseInvalid,
  refuseMissing,
} from './presented-credential.ts'
import { assertOwnPage, readSessionCookie } from './session-cookie.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the authenticator's hook; read it by `principalOf`. */
    principal?: Principal
  }
}

export interface Authenticator {
  /**
   * Who is asking. Synchronous for a credential that was seen before, unless it has a rate.
   * @throws Refusal `credentials-missing` `credentials-invalid` `rate-exceeded`
   *   `forgery-suspected`
   */
  authenticate(request: FastifyRequest): Principal | Promise<Principal>
  /** `onRequest` hook, before any body is read: authenticates and sets what `principalOf` reads. */
  readonly hook: onRequestHookHandler
  /** The same for callers who present a credential otherwise; the cookie is not looked at. */
  hookFor(forms: CredentialForms): onRequestHookHandler
  /**
   * Calls back whenever a credential may have ended or changed. Whoever serves one for longer than
   * a request (a live stream) then asks `isLive`. @returns a function that ends it
   */
  onRevoked(listener: () => void): () => void
  /**
   * False once the principal's credential was revoked, has another grant, or has expired.
   * @param at Unix milliseconds: what had not expired by then counts. Default: now
   */
  isLive(principal: Principal, at?: number): boolean
}

interface Held extends Credential {
  readonly limiter: Limiter | undefined
}

/**
 * Authenticates by `Authorization: Bearer`, and where there is none by the console's cookie, which
 * carries sessions only. A key in a URL ends up in everybody's logs, so it is not looked for. Why a
 * credential was refused is never said.
 */
export function createAuthenticator(options: {
  readonly credentials: Pick<Credentials, 'verify'>
  readonly directory: Pick<Directory, 'markUsed' | 'onChange' | 'catchUp' | 'isFresh' | 'readings'>
  readonly clock: Clock
  /** Limits that count over all nodes, where there are several. */
  readonly createLimiter?: CreateLimiter
}): Authenticator {
  const { credentials, directory, clock, createLimiter = createMemoryLimiter } = options
  /**
   * Verified headers, so that a known key costs a look-up: measured, 0.1 µs against 8 µs for
   * parsing and hashing. Emptied by every change of administration.
   */
  const known = new LRUCache<string, Held>({ max: limits.credentialsCachedMax })
  /** A key's count outlives the cache, or every change would give it a fresh allowance. */
  const limiters = new LRUCache<string, Limiter>({ max: limits.credentialsCachedMax })
  const origins = new WeakMap<Principal, Credential>()
  directory.onChange(() => known.clear())

  function findLimiter({ key }: Credential): Limiter | undefined {
    if (key?.rate === undefined) return undefined
    const limiter =
      limiters.get(key.id) ?? createLimiter({ name: 'key', points: key.rate, windowS: 1 })
    limiters.set(key.id, limiter)
    return limiter
  }

  function use(held: Held): Principal | Promise<Principal> {
    if (held.key !== undefined) directory.markUsed(held.key.id)
    return held.limiter === undefined ? held.principal : useWithinRate(held, held.limiter)
  }

  async function verify(presented: string) {
    const found = credentials.verify(presented)
    const credential = found instanceof Promise ? await found : found
    // Administration may have changed while a signature was being checked.
    const principal = credential?.resolve()
    return credential === undefined || principal === undefined
      ? undefined
      : { credential, principal }
  }

  async function verifyAnew(header: string): Promise<Principal> {
    const presented = parseBearer(header)
    if (presented === undefined) throw refuseInvalid()
    const before = directory.readings()
    let verified = await verify(presented)
    if (verified === undefined) {
      // Another node may have made it this moment.
      await directory.catchUp()
      if (directory.readings() !== before) verified = await verify(presented)
    }
    if (verified === undefined) throw refuseInvalid()
    const { credential, principal } = verified
    const held = { ...credential, principal, limiter: findLimiter(credential) }
    known.set(header, held)
    origins.set(principal, credential)
    return use(held)
  }

  function authenticate(request: FastifyRequest): Principal | Promise<Principal> {
    const header = request.headers.authorization
    if (header === undefined || header === '') return authenticateByCookie(request)
    // Node keeps the first and drops the others; which one was meant is not ours to guess.
    if (isRepeated(request.raw.rawHeaders)) throw refuseInvalid()
    return verifyHeader(header)
  }

  function authenticateByCookie(request: FastifyRequest): Principal | Promise<Principal> {
    const token = readSessionCookie(request)
    if (token === undefined) {
      throw refuseMissing()
    }
    assertOwnPage(request)
    const principal = verifyHeader(`Bearer ${token}`)
    return principal instanceof Promise ? principal.then(assertSession) : assertSession(principal)
  }

  function verifyHeader(header: string): Principal | Promise<Principal> {
    return directory.isFresh() ? verifyKnown(header) : verifyAfterPause(header)
  }

  function verifyKnown(header: string): Principal | Promise<Principal> {
    const held = known.get(header)
    if (held === undefined) return verifyAnew(header)
    const { expires } = held.principal
    if (expires !== undefined && expires <= clock()) throw refuseInvalid()
    return use(held)
  }

  /** Without the store there is nothing newer to go by, and nothing to read either. */
  async function verifyAfterPause(header: string): Promise<Principal> {
    await directory.catchUp().catch(() => undefined)
    return verifyKnown(header)
  }

  return {
    authenticate,
    hook: createHook(authenticate),
    hookFor: (forms) =>
      createHook((request) => verifyHeader(`Bearer ${readPresented(request, forms)}`)),
    onRevoked: (listener) => directory.onChange(listener),
    isLive(principal, at = clock()) {
      const now = origins.get(principal)?.resolve(at)
      return now !== undefined && isSameGrant(now, principal)
    },
  }
}

/** Who asks; on a route without the authenticator's hook this is a bug. */
export function principalOf(request: FastifyRequest): Principal {
  if (request.principal === undefined) throw new Error('the route does not authenticate')
  return request.principal
}

/** Who asks, and from where, for what `_system` keeps. */
export function callerOf(request: FastifyRequest): Caller {
  return { principal: principalOf(request), context: contextOf(request) }
}

/**
 * Where a request came from: the socket's word, or a trusted proxy's. Who may send through one can
 * have it pass on what is no address; then the proxy's own is all that is known.
 */
export function contextOf(request: FastifyRequest): Caller['context'] {
  const agent = request.headers['user-agent']?.slice(0, 512)
  const { ip } = request
  return {
    ip: isIP(ip) === 0 ? (request.socket.remoteAddress ?? 'unknown') : ip,
    ...(agent === undefined ? {} : { agent }),
    request: request.id,
  }
}

/** Written with callbacks, so that a known key does not wait for a turn of the event loop. */
function createHook(authenticate: Authenticator['authenticate']): onRequestHookHandler {
  return (request, _reply, done: HookHandlerDoneFunction) => {
    const accept = (principal: Principal) => {
      request.principal = principal
      done()
    }
    try {
      const found = authenticate(request)
      if (found instanceof Promise) found.then(accept, done)
      else accept(found)
    } catch (error) {
      done(error as Error) // Thrown by authenticate alone: a Refusal, or a bug's Error.
    }
  }
}

async function useWithinRate(held: Held, limiter: Limiter): Promise<Principal> {
  try {
    await limiter.consume(held.principal.id)
    return held.principal
  } catch (reason) {
    const retryAfterS = readRetryAfter(reason)
    throw new Refusal('rate-exceeded', {
      detail: `This key may make ${held.key?.rate} requests a second.`,
      retryAfterS,
    })
  }
}

/** A key is for programs: where a browser would send it unasked, it is worth nothing. */
function assertSession(principal: Principal): Principal {
  if (principal.session === undefined) throw refuseInvalid()
  return principal
}

function isSameGrant(one: Principal, other: Principal): boolean {
  return (
    one.filter === other.filter &&
    one.scopes.join() === other.scopes.join() &&
    one.tenants.join() === other.tenants.join()
  )
}
