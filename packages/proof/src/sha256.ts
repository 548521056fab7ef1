/**
 * SHA-256 (FIPS 180-4), synchronous. WebCrypto's is a promise a call, which would make a promise
 * of every node of a tree; this one hashes a node in about a microsecond.
 */

/** First 32 bits of the fractional parts of the cube roots of the first 64 primes. */
const constants = new Int32Array([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
])

/** First 32 bits of the fractional parts of the square roots of the first 8 primes. */
const initial = new Int32Array([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
])

// Scratch space of one call at a time: nothing here awaits.
const words = new Int32Array(64)
const state = new Int32Array(8)
const padded = new Uint8Array(128)
const paddedView = new DataView(padded.buffer)

/** Schedules the 64 words of the block that begins at `at` (§6.2.2, step 1). */
function schedule(bytes: DataView, at: number): void {
  for (let t = 0; t < 16; t += 1) words[t] = bytes.getInt32(at + t * 4)
  for (let t = 16; t < 64; t += 1) {
    const x = words[t - 15] ?? 0
    const y = words[t - 2] ?? 0
    const sigma0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3)
    const sigma1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10)
    words[t] = sigma1 + (words[t - 7] ?? 0) + sigma0 + (words[t - 16] ?? 0)
  }
}

/** One block into the state (§6.2.2, steps 2–4). Locals, not arrays: they stay in registers. */
function compress(bytes: DataView, at: number): void {
  schedule(bytes, at)
  let a = state[0] ?? 0
  let b = state[1] ?? 0
  let c = state[2] ?? 0
  let d = state[3] ?? 0
  let e = state[4] ?? 0
  let f = state[5] ?? 0
  let g = state[6] ?? 0
  let h = state[7] ?? 0
  for (let t = 0; t < 64; t += 1) {
    const sum1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))
    const choice = g ^ (e & (f ^ g))
    const t1 = (h + sum1 + choice + (constants[t] ?? 0) + (words[t] ?? 0)) | 0
    const sum0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))
    const majority = (a & b) | (c & (a | b))
    h = g
    g = f
    f = e
    e = (d + t1) | 0
    d = c
    c = b
    b = a
    a = (t1 + sum0 + majority) | 0
  }
  state[0] = (state[0] ?? 0) + a
  state[1] = (state[1] ?? 0) + b
  state[2] = (state[2] ?? 0) + c
  state[3] = (state[3] ?? 0) + d
  state[4] = (state[4] ?? 0) + e
  state[5] = (state[5] ?? 0) + f
  state[6] = (state[6] ?? 0) + g
  state[7] = (state[7] ?? 0) + h
}

/** SHA-256 of a message, 32 bytes. */
export function sha256(message: Uint8Array): Uint8Array {
  state.set(initial)
  const rest = message.length % 64
  const whole = message.length - rest
  const view = new DataView(message.buffer, message.byteOffset, message.length)
  for (let at = 0; at < whole; at += 64) compress(view, at)

  padded.fill(0)
  padded.set(message.subarray(whole))
  padded[rest] = 0x80
  const end = rest < 56 ? 64 : 128
  paddedView.setUint32(end - 8, Math.floor(message.length / 0x20000000))
  paddedView.setUint32(end - 4, message.length << 3)
  for (let at = 0; at < end; at += 64) compress(paddedView, at)

  const digest = new DataView(new ArrayBuffer(32))
  for (let at = 0; at < 8; at += 1) digest.setInt32(at * 4, state[at] ?? 0)
  return new Uint8Array(digest.buffer)
}
