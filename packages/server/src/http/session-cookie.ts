import { limits } from '@indelible/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Refusal } from '../base/refusal.ts'

/**
 * The console's session, where no script can read it (RFC 6265bis). `__Host-` binds it to this host
 * over TLS; without TLS browsers refuse that prefix.
 */
const secureName = '__Host-indelible'
const plainName = 'indelible'

/** A page of another site can send a cookie's request, but not this header: it may not ask to. */
const proofHeader = 'indelible-console'

/**
 * Over TLS only the bound cookie counts: the plain one a neighbouring subdomain, or whoever answers
 * for this host without TLS, can set, and so sign somebody in as somebody else.
 * @returns the session's token, as whoever sent the request claims it
 * @throws Refusal `credentials-invalid` where a neighbour's cookie stands beside ours
 */
export function readSessionCookie(request: FastifyRequest): string | undefined {
  const bound = isOverTls(request)
  const found = listSessionCookies(request).filter(({ name }) => !bound || name === secureName)
  const [first] = found.filter(({ name }) => name === secureName).concat(found)
  if (found.filter(({ name }) => name === first?.name).length < 2) return first?.value
  throw new Refusal('credentials-invalid', { detail: 'There are two session cookies.' })
}

/**
 * Holds a request that a browser adds the cookie to against forgery: what changes something must
 * carry our header and come from a page of ours; what reads may be typed by a person, too.
 * `Sec-Fetch-Site` and `Origin` are the browser's own word. A Host that an untrusted proxy rewrites
 * matters only to browsers without the first, and to those on plain HTTP, where it is not sent.
 * @throws Refusal `forgery-suspected`
 */
export function assertOwnPage(request: FastifyRequest): void {
  const { method, headers } = request
  const { origin, 'sec-fetch-site': site, [proofHeader]: proof } = headers
  const isOwn = site === undefined ? isOurs(origin, request) : site === 'same-origin'
  const isRead = method === 'GET' || method === 'HEAD'
  const isTyped = site === 'none' || (site === undefined && origin === undefined)
  if (isRead ? isOwn || isTyped : isOwn && proof === '1') return
  throw new Refusal('forgery-suspected', {
    detail:
      'With the session’s cookie, send "Indelible-Console: 1" from a page of this origin; ' +
      'programs send an Authorization header.',
  })
}

/**
 * Keeps out what a page elsewhere sends by the browser of whoever looks at it, which needs nobody's
 * leave where neither a credential nor a content type is asked for.
 * @throws Refusal `forgery-suspected`
 */
export function assertNoOtherPage(request: FastifyRequest): void {
  const { origin, 'sec-fetch-site': site } = request.headers
  const isProgram = origin === undefined || isOurs(origin, request)
  if (site === undefined ? isProgram : site === 'none' || site === 'same-origin') return
  throw new Refusal('forgery-suspected', {
    detail: 'A page of another origin sent this; only programs and pages of this one may.',
  })
}

/** Sets the cookie; `Secure` unless the page is known to have come without TLS, behind any proxy. */
export function setSessionCookie(request: FastifyRequest, reply: FastifyReply, token: string) {
  const isSecure =
    request.protocol === 'https' || request.headers.origin?.startsWith('http://') !== true
  const name = isSecure ? secureName : plainName
  reply.header('set-cookie', formatCookie(name, token, limits.sessionMsMax / 1_000))
}

/** Takes back whatever cookie of a session came with the request. */
export function clearSessionCookie(request: FastifyRequest, reply: FastifyReply): void {
  for (const { name } of listSessionCookies(request)) {
    reply.header('set-cookie', formatCookie(name, '', 0))
  }
}

function formatCookie(name: string, value: string, maxAgeS: number): string {
  const attributes = `Path=/; Max-Age=${maxAgeS}; HttpOnly; SameSite=Strict`
  return `${name}=${value}; ${attributes}${name === secureName ? '; Secure' : ''}`
}

function listSessionCookies({ headers }: FastifyRequest) {
  return (headers.cookie ?? '').split(';').flatMap((pair) => {
    // Not by one expression for all of it: a header full of spaces made one take 270 ms.
    const [name = '', ...rest] = pair.split('=')
    const known = [secureName, plainName].find((one) => one === name.trim())
    return known === undefined ? [] : [{ name: known, value: rest.join('=').trim() }]
  })
}

/**
 * We know it of our own TLS, and of a proxy that we trust. Of others browsers tell: they send
 * `Sec-Fetch-Site` over TLS, and without it to this machine alone.
 */
function isOverTls({ headers, host, protocol }: FastifyRequest): boolean {
  if (protocol === 'https') return true
  const { origin, 'sec-fetch-site': site } = headers
  if (origin !== undefined) return origin.startsWith('https:')
  const name = URL.parse(`http://${host}`)?.hostname ?? ''
  return site !== undefined && !/(?:^|\.)localhost$|^127(?:\.\d+){3}$|^\[::1\]$/.test(name)
}

/** Where we know of TLS, a page that came without is whoever stands between's. */
function isOurs(origin: string | undefined, { host, protocol }: FastifyRequest): boolean {
  const url = origin === undefined ? null : URL.parse(origin)
  if (url === null || (protocol === 'https' && url.protocol !== 'https:')) return false
  return URL.parse(`${url.protocol}//${host}`)?.host === url.host
}
