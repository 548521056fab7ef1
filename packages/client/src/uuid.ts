/** Of the millisecond that was asked for last: busy applications ask for many in one. */
let lastMs = Number.NaN
let lastText = ''

function formatTime(unixMs: number): string {
  if (unixMs === lastMs) return lastText
  const digits = unixMs.toString(16).padStart(12, '0')
  lastText = `${digits.slice(0, 8)}-${digits.slice(8)}`
  lastMs = unixMs
  return lastText
}

/** Makes UUIDv7s (RFC 9562 §5.7): 48 bits of Unix milliseconds, then the 74 random ones of a UUIDv4. */
export const createUuidV7 = (unixMs: number): string =>
  `${formatTime(unixMs)}-7${crypto.randomUUID().slice('01234567-89ab-4'.length)}`
