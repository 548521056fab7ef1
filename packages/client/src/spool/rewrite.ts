import { appendWhole, type Fs } from './files.ts'
import { formatHeader, headerBytes, parseFrame } from './frame.ts'
import { readLines } from './lines.ts'

/** A spool's file as it was written anew. */
export interface Rewritten {
  readonly fd: number
  readonly generation: string
  readonly events: number
  readonly end: number
}

/**
 * Writes what is undelivered to a new file that takes the old one's place. What a crash leaves: the
 * old file, or all of the new one, which was synced before it got the name. The name itself is on the
 * disk once the folder is synced: until then, after a power cut, it may be the old file's again.
 * @throws Error, and the old file is in its place
 */
export function rewrite(options: {
  readonly fs: Fs
  readonly path: string
  /** The old file, and what of it counts. */
  readonly fd: number
  readonly from: number
  readonly end: number
  readonly isSynced: boolean
  readonly onDamaged: (line: string) => void
}): Rewritten {
  const { fs, path, onDamaged } = options
  const generation = randomName()
  const fd = fs.openSync(`${path}.new`, 'a+', 0o600)
  let events = 0
  let end = headerBytes
  try {
    appendWhole(fs, fd, Buffer.from(formatHeader(generation)))
    for (const line of readLines(fs, options.fd, options.from)) {
      if (line.end > options.end) break
      if (parseFrame(line.bytes) === undefined) {
        onDamaged(line.bytes.toString())
        continue
      }
      const frame = Buffer.concat([line.bytes, Buffer.from('\n')])
      appendWhole(fs, fd, frame)
      end += frame.length
      events += 1
    }
    if (options.isSynced) fs.fsyncSync(fd)
    fs.renameSync(`${path}.new`, path)
  } catch (error) {
    fs.closeSync(fd)
    fs.rmSync(`${path}.new`, { force: true })
    throw error
  }
  return { fd, generation, events, end }
}

const randomName = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
