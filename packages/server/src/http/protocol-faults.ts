import { type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { limits } from '@indelible/protocol'
import type { FastifyRequest } from 'fastify'
import { Refusal } from '../base/refusal.ts'
import { describeRefusal } from './problems.ts'
import type { RequestMeter } from './request-meter.ts'

/** On every answer, whoever writes it. */
export const securityHeaders = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
} as const

/**
 * What Node's parser lets through and RFC 9112 does not: none or several Host fields (§3.2), a
 * transfer coding other than chunked (§6.1), request lines without a version, and targets that name
 * another host than Host does (§3.2.2): between us and a proxy they would mean two things.
 * @throws Refusal `http-malformed`
 */
export function assertWellFormed({ raw }: FastifyRequest): void {
  if (raw.httpVersionMajor < 1) throw malformed('The request line has no HTTP version.')
  let hosts = 0
  for (let at = 0; at < raw.rawHeaders.length; at += 2) {
    const name = raw.rawHeaders[at]
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts++
  }
  if (hosts > 1 || (hosts === 0 && raw.httpVersion !== '1.0')) {
    throw malformed(`A request has one Host header; this one has ${hosts}.`)
  }
  const target = raw.url ?? ''
  if (!target.startsWith('/') && target !== '*' && authorityOf(target) !== raw.headers.host) {
    throw malformed('The target of a request is a path, or an address of the host in Host.')
  }
  const coding = raw.headers['transfer-encoding']
  if (coding !== undefined && coding.trim().toLowerCase() !== 'chunked') {
    throw malformed('The only Transfer-Encoding accepted is chunked.')
  }
}

const authorityOf = (target: string): string | undefined =>
  /^https?:\/\/([^/?#]+)/i.exec(target)?.[1]

/**
 * `clientError` of Node's server: there is no request to answer, only a socket. What is written
 * here is the last of the connection.
 */
export function answerClientError(
  error: NodeJS.ErrnoException,
  socket: Socket,
  meter: Pick<RequestMeter, 'problem'>,
): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const refusal = refuseClientError(error)
  meter.problem(refusal.code)
  const { status, headers, body } = formatProblem(refusal)
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}connection: close\r\n\r\n`
  socket.write(head + body, () => socket.destroy())
}

/** An `Expect` that Node does not know; it would answer without a body. */
export function answerExpectation(
  response: ServerResponse,
  meter: Pick<RequestMeter, 'problem'>,
): void {
  const refusal = malformed('The only Expect header accepted is 100-continue.')
  meter.problem(refusal.code)
  const { status, headers, body } = formatProblem(refusal)
  response.writeHead(status, { ...headers, connection: 'close' }).end(body)
}

function refuseClientError({ code }: NodeJS.ErrnoException): Refusal {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new Refusal('headers-too-large', {
        detail: `The URL and headers of a request may have ${limits.headerBytesMax} bytes together.`,
      })
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new Refusal('request-timeout', { detail: 'The request took too long to arrive.' })
    default:
      return malformed('The request is not valid HTTP, or was cut short.')
  }
}

function formatProblem(refusal: Refusal) {
  const { problem } = describeRefusal(refusal)
  const body = JSON.stringify(problem)
  const headers = {
    ...securityHeaders,
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
  }
  return { status: problem.status, headers, body }
}

function malformed(detail: string): Refusal {
  return new Refusal('http-malformed', { detail })
}
