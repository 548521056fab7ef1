import { createHmac, hash } from 'node:crypto'
import { EventId } from '@indelible/protocol/schema'
import { Compile } from 'typebox/compile'

const eventId = Compile(EventId)

/**
 * An event's id from a caller's own id or idempotency key: a retry is then a repeat. As it is where
 * it can be one of ours, else its SHA-256.
 */
export function toEventId(foreign: string): string {
  return eventId.Check(foreign) ? foreign : hash('sha256', foreign)
}

/** The same where several texts together name an event; told apart by their lengths. */
export const digestEventId = (parts: readonly string[]): string =>
  hash('sha256', parts.map((part) => `${Buffer.byteLength(part)}:${part}`).join(''))

/**
 * The same where nothing names it: all that was sent, secrets that are redacted later included. Keyed,
 * or whoever reads what is left could try what was taken.
 */
export const digestContent = (text: string, secret: Uint8Array): string =>
  createHmac('sha256', secret).update(text).digest('hex')
