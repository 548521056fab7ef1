import type { Fault } from '@indelible/protocol'
import { parseRfc3339 } from '../base/rfc3339.ts'

/**
 * The end of a key or a token.
 * @param text RFC 3339
 * @returns Unix milliseconds, or what is wrong with it
 */
export function parseExpiry(text: string, now: number): number | Fault {
  const pointer = '/expires'
  const time = parseRfc3339(text)
  if (typeof time === 'string') return { pointer, detail: 'is not an RFC 3339 time' }
  return time > now ? time : { pointer, detail: 'has passed already' }
}
