import { limits } from '@indelible/protocol'
import { type Clock, formatTime } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import { createShortId, type RandomBytes } from './api-key.ts'
import { attribute, type Caller, type RequestContext } from './caller.ts'
import type { Directory } from './directory.ts'
import { refuseUnknown } from './grants.ts'
import type { LoginDenials } from './login-denials.ts'
import { findAddressBlock, type LoginLimits } from './login-limits.ts'
import type { Passwords } from './passwords.ts'
import { put, remove, type UserRecord } from './records.ts'
import type { SignedTokens } from './signed-tokens.ts'
import { parseUsername } from './username.ts'

export interface Session {
  readonly token: string
  /** RFC 3339. */
  readonly expires: string
}

export type Sessions = ReturnType<typeof createSessions>

/** Log-in and log-out. */
export function createSessions(options: {
  readonly directory: Directory
  readonly passwords: Passwords
  readonly tokens: SignedTokens
  readonly limits: LoginLimits
  readonly denials: LoginDenials
  readonly clock: Clock
  readonly randomBytes: RandomBytes
}) {
  const { directory, passwords, tokens, denials, clock, randomBytes } = options

  /** Sessions that can go when this user opens another: the expired, and the oldest of too many. */
  function listStale(username: string) {
    const now = clock()
    const mine = directory
      .sessions()
      .filter((session) => session.username === username && session.expires > now)
      .sort((one, other) => other.created - one.created)
    return [
      ...directory.sessions().filter((session) => session.expires <= now),
      ...mine.slice(limits.sessionsPerUserMax - 1),
    ]
  }

  /**
   * Checks a password within the limits. An unknown user, a wrong password and a disabled user
   * take the same work and get the same answer.
   * @throws Refusal `credentials-invalid` `rate-exceeded` `pushback`
   */
  async function verify(
    named: string,
    password: string,
    context: RequestContext,
  ): Promise<UserRecord> {
    // Another node may have made the user, or changed the password, this moment.
    await directory.catchUp()
    const username = parseUsername(named)
    const block = findAddressBlock(context.ip)
    const familiar = directory
      .sessions()
      .some((session) => session.username === username && session.address === block)
    const attempt = { username: username ?? '', block, familiar }
    try {
      await options.limits.charge(attempt)
    } catch (error) {
      await denials.note(username, context)
      throw error
    }
    const user = username === undefined ? undefined : directory.user(username)
    const fits = await passwords.verify(user?.passwordHash, password).catch(async (error) => {
      await options.limits.refund(attempt)
      throw error
    })
    if (user === undefined || !fits || user.disabled) {
      await denials.note(username, context)
      throw refuseLogin()
    }
    await options.limits.clear(attempt)
    return user
  }

  return {
    verify,

    /**
     * @param former the session that whoever logs in has already: it ends as the new one begins
     * @throws Refusal of `verify`, and those of the ledger
     */
    async logIn(
      named: string,
      password: string,
      context: RequestContext,
      former?: string,
    ): Promise<Session> {
      const user = await verify(named, password, context)
      const { username, epoch } = user
      const id = createShortId(randomBytes)
      const exp = Math.floor((clock() + limits.sessionMsMax) / 1_000)
      const token = await tokens.sign({ kind: 'session', sub: username, jti: id, epoch, exp })
      await directory.administer(() => {
        // Disabled, or given another password, while this one was being checked.
        if (directory.user(username)?.epoch !== epoch) throw refuseLogin()
        const session = {
          id,
          username,
          created: clock(),
          expires: exp * 1_000,
          address: findAddressBlock(context.ip),
        }
        const replaced = former === undefined ? undefined : directory.session(former)
        const over = new Set([...listStale(username), replaced].flatMap((one) => one?.id ?? []))
        const ended = [...over].map((one) => remove('session', one))
        return {
          changes: [put('session', id, session, 'absent'), ...ended],
          record: {
            action: 'session.created',
            actor: { type: 'user', id: username },
            targets: [{ type: 'session', id }],
            context: { ...context },
            ...(replaced === undefined ? {} : { data: { ended: replaced.id } }),
          },
        }
      })
      return { token, expires: formatTime(exp * 1_000) }
    },

    /** Ends the session that the request was made with. @throws Refusal `request-invalid` */
    async logOut(caller: Caller): Promise<void> {
      const id = caller.principal.session
      if (id === undefined) {
        throw new Refusal('request-invalid', {
          detail: 'Only a session can be logged out; keys are revoked, viewer tokens expire.',
        })
      }
      await directory.administer(() => {
        if (directory.session(id) === undefined) throw refuseUnknown('session')
        return {
          changes: [remove('session', id)],
          record: {
            action: 'session.ended',
            ...attribute(caller),
            targets: [{ type: 'session', id }],
          },
        }
      })
    },
  }
}

function refuseLogin(): Refusal {
  return new Refusal('credentials-invalid', { detail: 'User name or password is wrong.' })
}
