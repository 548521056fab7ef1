/**
 * Arrays as parameters in PostgreSQL's binary format (array_recv): `pg` sends a Buffer as it is,
 * and the server reads the type from the statement's cast. Text would be escaped here and parsed
 * there, value by value.
 */

const oids = { bytea: 17, int8: 20, text: 25 } as const
const headerBytes = 20
const lengthBytes = 4
const int8Bytes = 8
const nullLength = -1

function writeHeader(target: Buffer, oid: number, count: number, hasNulls: boolean): void {
  target.writeInt32BE(1, 0)
  target.writeInt32BE(hasNulls ? 1 : 0, 4)
  target.writeInt32BE(oid, 8)
  target.writeInt32BE(count, 12)
  target.writeInt32BE(1, 16)
}

/** An array of no dimension. */
function formatEmpty(oid: number): Buffer {
  const target = Buffer.alloc(12)
  target.writeInt32BE(oid, 8)
  return target
}

/** text[] */
export function formatTexts(values: readonly (string | null)[]): Buffer {
  if (values.length === 0) return formatEmpty(oids.text)
  const lengths = values.map((value) => (value === null ? nullLength : Buffer.byteLength(value)))
  const bytes = lengths.reduce((sum, length) => sum + Math.max(length, 0), 0)
  const target = Buffer.allocUnsafe(headerBytes + values.length * lengthBytes + bytes)
  writeHeader(target, oids.text, values.length, lengths.includes(nullLength))
  let at = headerBytes
  for (const [n, value] of values.entries()) {
    at = target.writeInt32BE(lengths[n] ?? nullLength, at)
    if (value !== null) at += target.write(value, at, 'utf8')
  }
  return target
}

/** bytea[] */
export function formatBlobs(values: readonly Uint8Array[]): Buffer {
  if (values.length === 0) return formatEmpty(oids.bytea)
  const bytes = values.reduce((sum, value) => sum + value.length, 0)
  const target = Buffer.allocUnsafe(headerBytes + values.length * lengthBytes + bytes)
  writeHeader(target, oids.bytea, values.length, false)
  let at = headerBytes
  for (const value of values) {
    at = target.writeInt32BE(value.length, at)
    target.set(value, at)
    at += value.length
  }
  return target
}

/** bigint[] */
export function formatIntegers(values: readonly (number | null)[]): Buffer {
  if (values.length === 0) return formatEmpty(oids.int8)
  const target = allocateIntegers(values.length, values.includes(null))
  let at = headerBytes
  for (const value of values) {
    at = target.writeInt32BE(value === null ? nullLength : int8Bytes, at)
    if (value !== null) at = target.writeBigInt64BE(BigInt(value), at)
  }
  return target.subarray(0, at)
}

/** bigint[] of elements that are given as their bytes, length and all, in latin1 characters. */
export function formatTokens(elements: string): Buffer {
  if (elements.length === 0) return formatEmpty(oids.int8)
  const target = Buffer.allocUnsafe(headerBytes + elements.length)
  writeHeader(target, oids.int8, elements.length / (lengthBytes + int8Bytes), false)
  target.write(elements, headerBytes, 'latin1')
  return target
}

function allocateIntegers(count: number, hasNulls: boolean): Buffer {
  const target = Buffer.allocUnsafe(headerBytes + count * (lengthBytes + int8Bytes))
  writeHeader(target, oids.int8, count, hasNulls)
  return target
}
