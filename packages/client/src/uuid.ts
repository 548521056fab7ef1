/** Makes UUIDv7s (RFC 9562 §5.7): 48 bits of Unix milliseconds, then 74 random bits. */
export function createUuidV7(unixMs: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(10))
  bytes[0] = ((bytes[0] ?? 0) & 0x0f) | 0x70
  bytes[2] = ((bytes[2] ?? 0) & 0x3f) | 0x80
  const random = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  const time = unixMs.toString(16).padStart(12, '0')
  const parts = [random.slice(0, 4), random.slice(4, 8), random.slice(8)]
  return [time.slice(0, 8), time.slice(8), ...parts].join('-')
}
