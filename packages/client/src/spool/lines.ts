import type { Fs } from './files.ts'

const lineFeed = 0x0a
const chunkBytes = 256 * 1024

/** A line without its line feed, and where the next one begins. */
export interface Line {
  readonly bytes: Buffer
  readonly end: number
}

/**
 * Lines of a file from an offset on, read piece by piece. What follows the last line feed is none.
 * @param firstBytes size of the first piece, where few lines are wanted
 */
export function* readLines(
  fs: Fs,
  fd: number,
  from: number,
  firstBytes = chunkBytes,
): Generator<Line> {
  let rest: Buffer = Buffer.alloc(0)
  let at = from
  let piece = Math.min(firstBytes, chunkBytes)
  for (;;) {
    const chunk = Buffer.allocUnsafe(piece)
    const read = fs.readSync(fd, chunk, 0, piece, at + rest.length)
    if (read === 0) return
    const fresh = chunk.subarray(0, read)
    const buffer = rest.length === 0 ? fresh : Buffer.concat([rest, fresh])
    let start = 0
    for (;;) {
      const end = buffer.indexOf(lineFeed, start)
      if (end === -1) break
      yield { bytes: buffer.subarray(start, end), end: at + end + 1 }
      start = end + 1
    }
    rest = buffer.subarray(start)
    at += start
    // A line longer than a piece: what was read of it is read again at most a few times.
    piece = Math.max(chunkBytes, rest.length)
  }
}
