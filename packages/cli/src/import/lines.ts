/** No event can be this long; a longer line is refused without ever being held. */
export const lineBytesMax = 4 * 1024 * 1024

/** One record of a file. */
export interface Line {
  /** From 1: the line, or the record where a file isn't made of lines. */
  readonly number: number
  /** Where it ends in the decompressed file, in bytes. */
  readonly end: number
  /** Without its line end; undefined when it is longer than `lineBytesMax`. */
  readonly bytes: Buffer | undefined
}

const lineFeed = 0x0a
const carriageReturn = 0x0d

const trimReturn = (bytes: Buffer): Buffer =>
  bytes.at(-1) === carriageReturn ? bytes.subarray(0, -1) : bytes

/** Splits at LF or CRLF; empty lines are counted but not given, a last line needs no line end. */
export async function* splitLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Line> {
  let pending: Buffer[] = []
  let pendingBytes = 0
  let number = 0
  let offset = 0

  const finish = (rest: Buffer): Line => {
    const isTooLong = pendingBytes + rest.length > lineBytesMax
    const bytes = isTooLong
      ? undefined
      : trimReturn(pending.length === 0 ? rest : Buffer.concat([...pending, rest]))
    pending = []
    pendingBytes = 0
    number += 1
    return { number, end: offset, bytes }
  }

  for await (const chunk of chunks) {
    let from = 0
    for (let at = chunk.indexOf(lineFeed); at !== -1; at = chunk.indexOf(lineFeed, from)) {
      offset += at + 1 - from
      const line = finish(chunk.subarray(from, at))
      from = at + 1
      if (line.bytes?.length !== 0) yield line
    }
    const rest = chunk.subarray(from)
    offset += rest.length
    pendingBytes += rest.length
    if (pendingBytes > lineBytesMax) pending = []
    else if (rest.length > 0) pending.push(rest)
  }
  if (pendingBytes > 0) {
    const line = finish(Buffer.alloc(0))
    if (line.bytes?.length !== 0) yield line
  }
}
