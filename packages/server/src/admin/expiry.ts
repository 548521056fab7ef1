import type { Fault } from '@indelible/protocol'

const rfc3339 =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[Tt](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/

/**
 * The end of a key or a token.
 * @param text RFC 3339
 * @returns Unix milliseconds, or what is wrong with it
 */
export function parseExpiry(text: string, now: number): number | Fault {
  const pointer = '/expires'
  const time = rfc3339.test(text) ? Date.parse(text.toUpperCase()) : Number.NaN
  // Date.parse takes 31 February for 3 March.
  const days = new Date(
    Date.UTC(Number(text.slice(0, 4)), Number(text.slice(5, 7)), 0),
  ).getUTCDate()
  if (Number.isNaN(time) || Number(text.slice(8, 10)) > days) {
    return { pointer, detail: 'is not an RFC 3339 time' }
  }
  return time > now ? time : { pointer, detail: 'has passed already' }
}
