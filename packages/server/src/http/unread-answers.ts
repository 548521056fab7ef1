import type { FastifyReply, FastifyRequest } from 'fastify'
import { formatMaker } from '../admin/caller.ts'
import { Refusal } from '../base/refusal.ts'
import { createShares } from '../base/shares.ts'
import { whenClosed } from './when-closed.ts'

/** What sockets take at once; smaller answers are not counted. */
const smallBytes = 64 * 1024

/**
 * A hook that bounds what is held of answers for those who ask and do not read: with a hundred
 * requests in one packet somebody who may read could have us hold a page for each. Beyond it a
 * caller is refused what was made for it.
 */
export function createUnreadBound(unreadBytesMax: number) {
  const shares = createShares(unreadBytesMax)
  return (
    { principal }: FastifyRequest,
    reply: FastifyReply,
    payload: unknown,
    done: (error: Error | null, payload?: unknown) => void,
  ): void => {
    // Pages and documents are the same bytes for everybody.
    if (principal !== undefined && isLarge(payload)) {
      const giveBack = shares.take(formatMaker(principal), payload.length)
      if (giveBack === undefined) {
        done(refuse(reply))
        return
      }
      whenClosed(reply.raw, giveBack)
    }
    done(null, payload)
  }
}

const isLarge = (payload: unknown): payload is string | Uint8Array =>
  (typeof payload === 'string' || payload instanceof Uint8Array) && payload.length > smallBytes

function refuse(reply: FastifyReply): Refusal {
  reply.removeHeader('link')
  return new Refusal('rate-exceeded', {
    detail: 'Large answers are waiting for you to read them. Read those first, then ask again.',
    retryAfterS: 1,
  })
}
