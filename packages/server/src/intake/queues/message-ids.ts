import { createHmac } from 'node:crypto'
import { EventId } from '@indelible/protocol/schema'
import { Compile } from 'typebox/compile'
import type { QueueMessage } from './source.ts'

const eventId = Compile(EventId)

/**
 * Names for the events of a message that came without an `id`, the same at every delivery, so that
 * a redelivery doubles nothing (docs/adr/0009-queues.md).
 */
export interface MessageIds {
  /** Id of the n-th event. */
  readonly idOf: (n: number) => string
  /**
   * False where two messages that are alike in every byte get the same ids: what was taken for a
   * repeat may then be a second message.
   */
  readonly isOwn: boolean
}

/**
 * @param options.secret from the instance's seed, the same on every node. The digest is keyed:
 *   ids are seen by whoever reads the log, and must not let them test guesses of what redaction
 *   took out of the body.
 */
export function createMessageIds(options: { readonly secret: Uint8Array; readonly queue: string }) {
  const { secret, queue } = options
  /** Parts are told apart by their lengths: no two lists of parts are hashed alike. */
  const digest = (parts: readonly (string | Buffer)[]): string => {
    const hmac = createHmac('sha256', secret)
    for (const part of parts) hmac.update(`${Buffer.byteLength(part)}:`).update(part)
    return formatUuid(hmac.digest())
  }
  return (message: QueueMessage, isBatch: boolean): MessageIds => {
    const { messageId, position, body, marks, contentType = '', contentEncoding = '' } = message
    if (messageId !== undefined && messageId !== '') {
      return {
        isOwn: true,
        idOf(n) {
          const id = isBatch ? `${messageId}:${n}` : messageId
          return eventId.Check(id) ? id : digest(['message', messageId, String(n)])
        },
      }
    }
    const whole =
      position === undefined
        ? ['body', queue, marks, contentType, contentEncoding, body]
        : ['position', queue, position]
    // The body may be megabytes: hashed once, and only for an event that needs it.
    let base: string | undefined
    return {
      isOwn: position !== undefined,
      idOf(n) {
        base ??= digest(whole)
        return digest(['event', base, String(n)])
      },
    }
  }
}

/** 122 bits as a UUIDv8 (RFC 9562 §5.8): the store keeps a UUID in 16 bytes. */
function formatUuid(bytes: Buffer): string {
  const uuid = bytes.subarray(0, 16)
  uuid.writeUInt8(((uuid[6] ?? 0) & 0x0f) | 0x80, 6)
  uuid.writeUInt8(((uuid[8] ?? 0) & 0x3f) | 0x80, 8)
  const hex = uuid.toString('hex')
  const at = (from: number, to: number) => hex.slice(from, to)
  return `${at(0, 8)}-${at(8, 12)}-${at(12, 16)}-${at(16, 20)}-${at(20, 32)}`
}
