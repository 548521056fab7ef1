import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Exchange } from './exchange.ts'
import { findExchange, keepExchange } from './holder.ts'
import type { RequestReader } from './options.ts'

/** How requests of `node:http` are read, where a framework has nothing better to say. */
export const nodeReader = {
  method: ({ method = 'GET' }) => method,
  header: ({ headers }, name) => {
    const value = headers[name]
    return typeof value === 'object' ? value[0] : value
  },
  ip: ({ socket }) => socket.remoteAddress,
  peer: (request) => (request as Known)[peerKey] ?? request.socket.remoteAddress, // kept below
} satisfies Partial<RequestReader<IncomingMessage>>

/** Ends the exchange with its response, however that ends. */
export function watchResponse(response: ServerResponse, exchange: Exchange<never>): void {
  keepPeer(response.req)
  keepExchange(response, exchange)
  // Without a server of its own (app.inject, functions in a cloud) it may never close; over HTTP/2 it
  // doesn't say that it was finished.
  response.on('finish', endFinished)
  response.on('close', endClosed)
}

const peerKey: unique symbol = Symbol('indelible.peer')
interface Known {
  [peerKey]?: string | undefined
}

/**
 * Whoever goes away is still known at the end: a socket says so again if it was asked while it was
 * open; that of a stream of HTTP/2 doesn't.
 */
function keepPeer(request: IncomingMessage | undefined): void {
  const peer = request?.socket?.remoteAddress
  if (request === undefined || request.httpVersionMajor < 2) return
  const known = request as Known // any object can have it
  known[peerKey] = peer
}

function endFinished(this: ServerResponse): void {
  findExchange(this)?.end({ status: this.statusCode, isComplete: true })
}

function endClosed(this: ServerResponse): void {
  const { headersSent, statusCode, writableFinished } = this
  const status = headersSent ? statusCode : undefined
  findExchange(this)?.end({ status, isComplete: writableFinished })
}

/** What is answered where an action must be on record and can't be. */
export const refusal = {
  status: 503,
  headers: { 'content-type': 'application/problem+json', 'retry-after': '5' },
  body: JSON.stringify({
    type: 'about:blank',
    title: 'Service Unavailable',
    status: 503,
    code: 'audit-unavailable',
    detail: 'Nothing was done, for it could not be put on record. Try again.',
  }),
}

/** Goes on to the action, in the request's context; not without a record where one is required. */
export function proceed<Request>(
  exchange: Exchange<Request>,
  response: ServerResponse,
  next: () => void,
): void {
  if (!exchange.isRequired) {
    exchange.run(next)
    return
  }
  void exchange.attempt().then((fault) => {
    if (fault === undefined) return exchange.run(next)
    // Somebody has answered meanwhile: a time limit of the application's.
    if (response.headersSent) return
    response.writeHead(refusal.status, refusal.headers).end(refusal.body)
  })
}
