const pool = new Uint8Array(4_096)
let poolAt = pool.length
const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Random hexadecimal; drawn in large pieces, since each draw is a call to the system. */
function drawHex(bytes: number): string {
  if (poolAt + bytes > pool.length) {
    crypto.getRandomValues(pool)
    poolAt = 0
  }
  let text = ''
  for (const end = poolAt + bytes; poolAt < end; poolAt += 1) text += hex[pool[poolAt] ?? 0]
  return text
}

/** Makes UUIDv7s (RFC 9562 §5.7): 48 bits of Unix milliseconds, then 74 random bits. */
export function createUuidV7(unixMs: number): string {
  const random = drawHex(10)
  const time = unixMs.toString(16).padStart(12, '0')
  const variant = ((Number.parseInt(random.charAt(3), 16) & 0x3) | 0x8).toString(16)
  return (
    `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-` +
    `${variant}${random.slice(4, 7)}-${random.slice(7, 19)}`
  )
}
