import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import { limits } from '@indelible/protocol'
import { Scope } from '@indelible/protocol/schema'
import { jwtVerify, SignJWT } from 'jose'
import { type Static, Type } from 'typebox'
import { Check } from 'typebox/value'
import type { Clock } from '../base/clock.ts'
import type { TokenGenerations } from './token-generations.ts'

/**
 * Sessions, viewer and access tokens: JWTs (RFC 7519) that only we make and only we read, so everything
 * about them is fixed, and the whole text is checked against what we would have written. jose does
 * the cryptography and checks the registered claims.
 */

const Registered = {
  iss: Type.String(),
  aud: Type.String(),
  sub: Type.String({ minLength: 1 }),
  jti: Type.String({ minLength: 1 }),
  iat: Type.Integer({ minimum: 0 }),
  nbf: Type.Integer({ minimum: 0 }),
  exp: Type.Integer({ minimum: 0 }),
  /** The issuer's epoch (records.ts) when it was signed. */
  epoch: Type.String(),
}
const strict = { additionalProperties: false }

const SessionClaims = Type.Object({ ...Registered, kind: Type.Literal('session') }, strict)
const ViewerClaims = Type.Object(
  {
    ...Registered,
    kind: Type.Literal('viewer'),
    /** What `sub` names. */
    issuer: Type.Union([Type.Literal('key'), Type.Literal('user'), Type.Literal('root')]),
    tenant: Type.String(),
    scopes: Type.Array(Scope),
    filter: Type.Optional(Type.String()),
    name: Type.Optional(Type.String()),
  },
  strict,
)
const AccessClaims = Type.Object(
  {
    ...Registered,
    kind: Type.Literal('access'),
    /** What `sub` names; `open`: nobody, while the service lets anybody have one. */
    issuer: Type.Union([
      Type.Literal('key'),
      Type.Literal('user'),
      Type.Literal('root'),
      Type.Literal('open'),
    ]),
    /** The session it was made with, and ends with. */
    session: Type.Optional(Type.String()),
    tenant: Type.String(),
    scopes: Type.Array(Scope),
  },
  strict,
)
export type SessionClaims = Static<typeof SessionClaims>
export type ViewerClaims = Static<typeof ViewerClaims>
export type AccessClaims = Static<typeof AccessClaims>
export type Claims = SessionClaims | ViewerClaims | AccessClaims

type Stamped = 'iss' | 'aud' | 'iat' | 'nbf'
/** What the caller of `sign` says; `exp` in whole Unix seconds. */
export type ClaimsToSign =
  | Omit<SessionClaims, Stamped>
  | Omit<ViewerClaims, Stamped>
  | Omit<AccessClaims, Stamped>

const kinds = {
  session: { schema: SessionClaims, secondsMax: limits.sessionMsMax / 1_000 },
  viewer: { schema: ViewerClaims, secondsMax: limits.viewerTokenMsMax / 1_000 },
  access: { schema: AccessClaims, secondsMax: limits.accessTokenMsMax / 1_000 },
} as const
type Kind = keyof typeof kinds
const kindNames = ['session', 'viewer', 'access'] as const

const typeOf = (kind: Kind) => `indelible-${kind}+jwt`
const headerOf = (kind: Kind) => ({ alg: 'HS256', typ: typeOf(kind) })
const encode = (text: string) => Buffer.from(text, 'utf8').toString('base64url')

/** Each kind's whole first segment: another algorithm, `kid`, `jwk`, `crit` … can't occur. */
const headers: Readonly<Record<Kind, string>> = {
  session: encode(JSON.stringify(headerOf('session'))),
  viewer: encode(JSON.stringify(headerOf('viewer'))),
  access: encode(JSON.stringify(headerOf('access'))),
}
/** 32 bytes in base64url; the last character has only 16 legitimate values. */
const signaturePattern = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/

/** The key tokens are signed with, from the instance's secret: HKDF-SHA-256 (RFC 5869). */
export function deriveTokenKey(tokenSecret: Uint8Array, generation = 1): Uint8Array {
  if (tokenSecret.length !== 32) throw new Error('tokenSecret must have 32 bytes')
  const info = `indelible token key v1${generation === 1 ? '' : `\n${generation}`}`
  return new Uint8Array(hkdfSync('sha256', tokenSecret, '', info, 32))
}

/** What a token says, and with the key of which generation it was signed. */
export interface VerifiedToken {
  readonly claims: Claims
  readonly generation: number
}

export type SignedTokens = ReturnType<typeof createSignedTokens>

export function createSignedTokens(options: {
  /** 32 bytes, derived from the instance's seed. */
  readonly tokenSecret: Uint8Array
  /** Issuer and audience of every token: a token of one instance is nothing to another. */
  readonly instanceId: string
  readonly clock: Clock
  /** Of the keys that sign and are accepted now. */
  readonly readGenerations?: () => TokenGenerations
}) {
  const { instanceId, clock, readGenerations = () => ({ current: 1, former: [] }) } = options
  const firstKey = deriveTokenKey(options.tokenSecret)
  const keys = new Map([[1, firstKey]])

  function keyOf(generation: number): Uint8Array {
    const key = keys.get(generation) ?? deriveTokenKey(options.tokenSecret, generation)
    keys.set(generation, key)
    return key
  }

  function listAccepted(): readonly number[] {
    const { current, former } = readGenerations()
    const now = clock()
    return [current, ...former.flatMap(({ generation, until }) => (until > now ? generation : []))]
  }

  async function check(text: string, kind: Kind, key: Uint8Array): Promise<Claims | undefined> {
    const { payload } = await jwtVerify(text, key, {
      algorithms: ['HS256'],
      typ: typeOf(kind),
      issuer: instanceId,
      audience: instanceId,
      requiredClaims: ['iss', 'aud', 'sub', 'jti', 'iat', 'nbf', 'exp'],
      currentDate: new Date(clock()),
    })
    const { schema, secondsMax } = kinds[kind]
    if (!Check(schema, payload)) return undefined
    // Duplicate claims, 1e400, 1.0 and the like do not come out as they went in.
    if (encode(JSON.stringify(payload)) !== text.split('.')[1]) return undefined
    return payload.exp - payload.iat <= secondsMax ? payload : undefined
  }

  return {
    /**
     * 16 hex digits that stand for a secret and can't be used to guess it without our key; the same
     * for good, whatever key signs.
     */
    fingerprint: (secret: string): string =>
      createHmac('sha256', firstKey).update(secret).digest('hex').slice(0, 16),
    /** @returns the token; its `exp` must lie within the kind's longest life. */
    sign(claims: ClaimsToSign): Promise<string> {
      const now = Math.floor(clock() / 1_000)
      const whole = { ...claims, iss: instanceId, aud: instanceId, iat: now, nbf: now }
      return new SignJWT(whole)
        .setProtectedHeader(headerOf(claims.kind))
        .sign(keyOf(readGenerations().current))
    },
    /** True for what has the outer form of a token, which says nothing of its worth. */
    looksSigned: (text: string): boolean => text.startsWith('eyJ'),
    /** False once tokens of that generation's key are worth nothing any more. */
    isAccepted: (generation: number): boolean => listAccepted().includes(generation),
    /** @returns its claims if we signed it and it is in force; else undefined. */
    async verify(text: string): Promise<VerifiedToken | undefined> {
      if (text.length > limits.tokenCharsMax) return undefined
      const [header, , signature, ...more] = text.split('.', 5)
      const kind = kindNames.find((one) => headers[one] === header)
      if (kind === undefined || more.length > 0) return undefined
      if (signature === undefined || !signaturePattern.test(signature)) return undefined
      // Whoever has no token may ask as often as they like, however many keys are accepted.
      const generation = listAccepted().find((one) => isSignedWith(keyOf(one), text))
      if (generation === undefined) return undefined
      const claims = await check(text, kind, keyOf(generation)).catch(() => undefined)
      return claims === undefined ? undefined : { claims, generation }
    },
  }
}

/** HS256 (RFC 7518, 3.2) at once: jose takes a turn of the thread pool for each key it tries. */
function isSignedWith(key: Uint8Array, token: string): boolean {
  const end = token.lastIndexOf('.')
  const signature = Buffer.from(token.slice(end + 1), 'base64url')
  return timingSafeEqual(createHmac('sha256', key).update(token.slice(0, end)).digest(), signature)
}
