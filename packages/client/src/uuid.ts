const poolBytes = 4_096
const randomBytes = 10
/** Random bytes are drawn many at once: each draw is a call to the system. */
const pool = new Uint8Array(poolBytes)
let poolAt = poolBytes

const digits = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0))
/** Where the digits of each of the 16 bytes stand. */
const places = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34]
const bytes = new Uint8Array(places.length)
const characters = Uint8Array.from('-'.repeat(36), (hyphen) => hyphen.charCodeAt(0))

/** Makes UUIDv7s (RFC 9562 §5.7): 48 bits of Unix milliseconds, then 74 random ones. */
export function createUuidV7(unixMs: number): string {
  if (poolAt + randomBytes > poolBytes) {
    crypto.getRandomValues(pool)
    poolAt = 0
  }
  for (let at = 0; at < 6; at += 1) bytes[at] = unixMs / 2 ** (40 - 8 * at)
  bytes.set(pool.subarray(poolAt, poolAt + randomBytes), 6)
  poolAt += randomBytes
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f)
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f)
  return format()
}

/**
 * Character by character. Joined of pieces, as `crypto.randomUUID()` is, a text is a tree of them to
 * V8, and to bring that into JSON takes longer (1 µs) than all the rest of an event.
 */
function format(): string {
  for (let at = 0; at < places.length; at += 1) {
    const byte = bytes[at] ?? 0
    const place = places[at] ?? 0
    characters[place] = digits[byte >> 4] ?? 0
    characters[place + 1] = digits[byte & 0xf] ?? 0
  }
  const codes = characters as unknown as number[] // typed so, it takes whatever has a length
  return String.fromCharCode.apply(undefined, codes)
}
