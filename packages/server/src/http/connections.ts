import { readFileSync } from 'node:fs'
import type { Server, ServerOptions } from 'node:http'
import { limits } from '@indelible/protocol'

/** How long connections may take, and how many there may be. Times are milliseconds. */
export interface ConnectionBounds {
  readonly connectionsMax: number
  readonly requestsPerConnectionMax: number
  readonly headersMsMax: number
  readonly requestMsMax: number
  readonly idleMsMax: number
  readonly stalledMsMax: number
  readonly unreadBytesMax: number
  /** How often the times of requests are looked at; Node's 30 s would make 45 of 15. */
  readonly checkMs: number
}

export const usualBounds: ConnectionBounds = { ...limits, checkMs: 5_000 }

/** Of the server below Fastify, which leaves its options to whoever makes it. */
export const toServerOptions = (bounds: ConnectionBounds): ServerOptions => ({
  headersTimeout: bounds.headersMsMax,
  requestTimeout: bounds.requestMsMax,
  keepAliveTimeout: bounds.idleMsMax,
  connectionsCheckingInterval: bounds.checkMs,
  maxHeaderSize: limits.headerBytesMax,
  // A missing Host is refused by assertWellFormed, which gives a reason.
  requireHostHeader: false,
})

/**
 * Bounds the connections of a server. A flood of them gets neither our memory nor our file
 * descriptors: what is beyond the bound is closed unheard, and makes room of what is idle, so that
 * callers who come then are heard.
 */
export function boundConnections<S extends Server>(server: S, bounds: ConnectionBounds): S {
  // No byte either way: the reader of an answer who has stopped. A stream's heartbeat is one.
  server.timeout = bounds.stalledMsMax
  server.maxConnections = Math.min(bounds.connectionsMax, findSocketsMax())
  server.on('drop', () => server.closeIdleConnections())
  return server
}

/** Descriptors that files, databases and threads of ours must find free: at rest there are 70. */
const descriptorsReserved = 256

/** Sockets that leave enough of the process's file descriptors (`ulimit -n`) to everything else. */
function findSocketsMax(): number {
  const open = /^Max open files +(\d+)/m.exec(readProcessLimits())?.[1]
  if (open === undefined) return Number.POSITIVE_INFINITY
  return Math.max(Number(open) - descriptorsReserved, Math.floor(Number(open) / 2))
}

function readProcessLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8')
  } catch {
    return '' // no Linux: the bound of connections alone holds
  }
}
