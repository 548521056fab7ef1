/**
 * A spool's file: one header line, then a line for each event, `<CRC-32, 8 hex digits> <JSON>`. JSON
 * has no raw line feed, so after a torn or damaged line the next one is found again.
 */

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  return crc
})

/** On the way of every `record`: zlib's takes a fifth of the time; not every runtime has it. */
const zlib = globalThis.process?.getBuiltinModule?.('node:zlib')
const crc32 = typeof zlib?.crc32 === 'function' ? zlib.crc32 : computeCrc32

/** CRC-32 (ISO-HDLC, as in gzip). Against torn writes, not against people. */
export function computeCrc32(bytes: Uint8Array): number {
  let crc = -1
  for (let at = 0; at < bytes.length; at += 1) {
    crc = (table[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0) ^ (crc >>> 8)
  }
  return ~crc >>> 0
}

const formatCrc = (bytes: Uint8Array): string => crc32(bytes).toString(16).padStart(8, '0')

export function formatFrame(json: string): Buffer {
  const frame = Buffer.allocUnsafe(9 + Buffer.byteLength(json) + 1)
  frame.write(json, 9)
  frame.write(`${formatCrc(frame.subarray(9, -1))} `, 'latin1')
  frame[frame.length - 1] = 0x0a
  return frame
}

/** Reads a line without its line feed; undefined where it isn't what was written. */
export function parseFrame(line: Buffer): string | undefined {
  const text = line.subarray(9)
  const isWhole = line[8] === 0x20 && line.toString('latin1', 0, 8) === formatCrc(text)
  return isWhole ? text.toString() : undefined
}

const headerPattern = /^indelible-spool\/1 ([0-9a-f]{16})$/

/** The generation ties the note of progress to this content of the file and no other. */
export const formatHeader = (generation: string): string => `indelible-spool/1 ${generation}\n`
export const headerBytes = formatHeader('0'.repeat(16)).length
export const parseHeader = (line: string): string | undefined => headerPattern.exec(line)?.[1]

/** Fixed width, so that a newer note overwrites all of an older one. */
export function formatProgress(generation: string, offset: number): string {
  const text = `${generation} ${String(offset).padStart(15, '0')}`
  return `${text} ${formatCrc(Buffer.from(text))}\n`
}

/** How far a file of this generation was delivered; undefined where the note is of no use. */
export function parseProgress(text: string, generation: string): number | undefined {
  const [noted = '', offset = ''] = text.split(' ')
  return text === formatProgress(noted, Number(offset)) && noted === generation
    ? Number(offset)
    : undefined
}
