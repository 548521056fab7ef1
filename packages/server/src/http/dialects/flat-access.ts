import { limits } from '@indelible/protocol'
import type { FastifyRequest, onRequestHookHandler } from 'fastify'
import { isLoopback } from '../../base/loopback.ts'
import { Refusal } from '../../base/refusal.ts'
import { callerOf, contextOf } from '../authenticate.ts'
import { readOne } from '../read-request.ts'
import { assertNoOtherPage } from '../session-cookie.ts'
import { type DialectParts, type DialectScope, open } from './dialect.ts'

const minutesMax = limits.accessTokenMsMax / 60_000

/** `GET /access-token` and `POST /login` */
export function registerFlatAccess(
  { scope, route, readPlainJson }: DialectScope,
  { accessTokens, sessions, directory }: DialectParts,
): void {
  const onRequest: onRequestHookHandler = function onRequest(request, reply, done) {
    if (!accessTokens.isOpen || !isAnonymous(request)) {
      route.onRequest.call(this, request, reply, done)
      return
    }
    // It could not read the token, but `_system` would keep that each one was made.
    assertNoOtherPage(request)
    done()
  }
  scope.get('/access-token', { ...route, onRequest }, async (request) => {
    // Whom a credential belongs to, and what it may, can have changed through another node.
    await directory.catchUp()
    const asked = { tenant: readOne(request, 'tenant'), lifeMs: readLife(request) }
    const { token, expiresInS } =
      request.principal === undefined
        ? await accessTokens.createOpen(contextOf(request), asked)
        : await accessTokens.create(callerOf(request), asked)
    return { access_token: token, token_type: 'Bearer', expires_in: expiresInS }
  })
  scope.post('/login', open, async (request) => {
    // It could have a visitor's browser try passwords until nobody gets in.
    assertNoOtherPage(request)
    const { username, password } = readLogin(readPlainJson(request))
    const { token } = await sessions.logIn(username, password, contextOf(request))
    return { token }
  })
}

/** What proxies add: who asks through one may be anywhere. */
const forwarding = ['x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'forwarded', 'via']

/**
 * Nobody in particular, on this machine: a page elsewhere, whose name somebody lets point here, is
 * told by the name it asks for.
 */
function isAnonymous({ headers, host }: FastifyRequest): boolean {
  const name = URL.parse(`http://${host}`)?.hostname ?? ''
  const isDirect = forwarding.every((header) => headers[header] === undefined)
  return (headers.authorization ?? '') === '' && isDirect && isLoopback(name)
}

function readLife(request: FastifyRequest): number {
  const text = readOne(request, 'valid_minutes') ?? ''
  if (text === '') return limits.accessTokenMsDefault
  const minutes = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (minutes >= 1 && minutes <= minutesMax) return minutes * 60_000
  throw new Refusal('query-invalid', {
    detail: `The parameter "valid_minutes" must be a whole number from 1 to ${minutesMax}.`,
  })
}

function readLogin(body: unknown): { readonly username: string; readonly password: string } {
  const members: Readonly<Record<string, unknown>> = { ...(body as object) } // JSON: any value
  const read = (name: string, charsMax: number): string => {
    const { [name]: value } = members
    if (typeof value === 'string' && value !== '' && value.length <= charsMax) return value
    throw new Refusal('request-invalid', {
      detail: 'A log-in is { "username", "password" }, both texts.',
      errors: [{ pointer: `/${name}`, detail: `must be a text of 1 to ${charsMax} characters` }],
    })
  }
  return {
    username: read('username', 200),
    password: read('password', limits.passwordBytesMax),
  }
}
