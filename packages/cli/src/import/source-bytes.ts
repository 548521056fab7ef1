import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { exitCodes } from '../core/exit-codes.ts'
import { Failure } from '../core/failure.ts'
import { describeFileError } from '../core/file-failure.ts'
import { peek, rejoin } from './peek.ts'

/** A file or stdin as decompressed bytes. */
export interface SourceBytes {
  readonly chunks: AsyncIterable<Buffer>
  /** Bytes read so far as they lie on the disk (compressed, where they are): for progress. */
  readBytes(): number
  /** Size on the disk; undefined for stdin. */
  readonly totalBytes: number | undefined
}

/** RFC 1952 §2.3.1; names lie, so the first two bytes decide. */
const isGzip = (head: Buffer): boolean => head[0] === 0x1f && head[1] === 0x8b

async function* inflate(chunks: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  const gunzip = createGunzip()
  pipeline(Readable.from(chunks), gunzip, () => {}) // whoever reads gunzip meets the error
  try {
    yield* gunzip
  } catch (error) {
    throw new Failure(
      exitCodes.wrong,
      `${name} is damaged gzip: ${error instanceof Error ? error.message : String(error)}.`,
    )
  }
}

async function* decompress(source: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  const peeked = await peek(source, 2)
  const whole = rejoin(peeked)
  yield* isGzip(peeked.head) ? inflate(whole, name) : whole
}

/**
 * Opens `path`, or stdin for `-`; gzip is recognised by its first bytes.
 * @throws {Failure} usage, when there is no such file.
 */
export async function openSource(path: string, stdin: Readable): Promise<SourceBytes> {
  const isStdin = path === '-'
  const facts = isStdin
    ? undefined
    : await stat(path).catch((error: NodeJS.ErrnoException) => {
        throw describeFileError('read', path, error)
      })
  if (facts?.isDirectory() === true) {
    throw new Failure(exitCodes.usage, `${path} is a folder; name its files.`)
  }
  let bytes = 0
  async function* counted(): AsyncGenerator<Buffer> {
    const stream: AsyncIterable<Buffer> = isStdin
      ? stdin
      : createReadStream(path, { highWaterMark: 256 * 1024 })
    for await (const chunk of stream) {
      bytes += chunk.length
      yield chunk
    }
  }
  return {
    chunks: decompress(counted(), isStdin ? 'stdin' : path),
    readBytes: () => bytes,
    totalBytes: facts?.isFile() === true ? facts.size : undefined,
  }
}
