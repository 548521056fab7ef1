import { errors, jwtVerify, SignJWT } from 'jose'

/** Tokens that say who somebody is: JWTs (RFC 7519), signed with a secret of ours. */
export interface Tokens {
  issue(username: string): Promise<{ readonly token: string; readonly expires: Date }>
  /** @returns the username; undefined where the token isn't ours, or not valid any more */
  verify(token: string): Promise<string | undefined>
}

const name = 'items-api'
/** Pinned: what the token says of itself is the attacker's to choose. */
const algorithm = 'HS256'
const lifetimeMs = 60 * 60 * 1_000

export function createTokens(options: {
  /** At least 32 bytes (RFC 7518 §3.2). */
  readonly secret: Uint8Array
  readonly clock: () => number
}): Tokens {
  const { secret, clock } = options
  return {
    async issue(username) {
      const issued = new Date(clock())
      const expires = new Date(issued.getTime() + lifetimeMs)
      const token = await new SignJWT()
        .setProtectedHeader({ alg: algorithm, typ: 'JWT' })
        .setIssuer(name)
        .setAudience(name)
        .setSubject(username)
        .setIssuedAt(issued)
        .setExpirationTime(expires)
        .sign(secret)
      return { token, expires }
    },
    async verify(token) {
      try {
        const { payload } = await jwtVerify(token, secret, {
          algorithms: [algorithm],
          issuer: name,
          audience: name,
          requiredClaims: ['exp', 'sub'],
          currentDate: new Date(clock()),
        })
        return payload.sub
      } catch (error) {
        if (error instanceof errors.JOSEError) return undefined
        throw error
      }
    },
  }
}
