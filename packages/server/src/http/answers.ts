import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyReply } from 'fastify'
import { Refusal } from '../base/refusal.ts'
import { whenClosed } from './when-closed.ts'

/** What a connection was asked, and is still owed. */
interface Asked {
  requests: number
  /** The last two answers: those before them were given, or will be sooner. */
  last: ServerResponse | undefined
  before: ServerResponse | undefined
}

/** Answers of each connection, in the order of their requests: pipelined ones wait for each other. */
export function createAnswers({ requestsMax }: { readonly requestsMax: number }) {
  const connections = new WeakMap<Socket, Asked>()
  return {
    /**
     * A request has come, whole or only its head. The last that a connection may bring is told so.
     * @throws Refusal for those that were sent behind it, which nobody will hear: nothing of them
     *   may be done. (Node's `maxRequestsPerSocket` leaves such a connection open, measured.)
     */
    expect(reply: FastifyReply): void {
      const { raw } = reply
      const { socket } = raw.req
      const asked = connections.get(socket) ?? { requests: 0, last: undefined, before: undefined }
      if (asked.requests === 0) connections.set(socket, asked)
      asked.requests += 1
      asked.before = asked.last
      asked.last = raw
      if (asked.requests < requestsMax) return
      reply.header('connection', 'close')
      if (asked.requests > requestsMax) {
        const detail = 'The connection has brought as many requests as it may. Connect anew.'
        throw new Refusal('rate-exceeded', { detail })
      }
    },
    /**
     * Goes on when every request that came whole over a connection is answered. An attacker can
     * send, behind a request, bytes that are none: what they are answered must not be read as the
     * answer to the request before, whose event was kept.
     */
    whenGiven(socket: Socket, then: () => void): void {
      const { last, before } = connections.get(socket) ?? {}
      const owed = last?.req.complete === true ? last : before
      if (owed === undefined) then()
      else whenClosed(owed, then)
    },
  }
}
