import { exitCodes } from '../core/exit-codes.ts'
import { Failure } from '../core/failure.ts'
import { type Line, lineBytesMax, splitLines } from './lines.ts'
import { peek, rejoin } from './peek.ts'

/** How a file begins that is one JSON text: `{ "Records": [ … ] }` as AWS writes it, or `[ … ]`. */
const wholeFile = /^\uFEFF?\s*(?:\{\s*"Records"\s*:\s*)?\[/
const peekBytes = 4_096

const quote = 0x22
const backslash = 0x5c
const openBrace = 0x7b
const openBracket = 0x5b
const closeBrace = 0x7d
const closeBracket = 0x5d

/** Follows JSON's nesting byte by byte; owns where in the record it stands. */
class RecordScanner {
  private depth = 0
  private isInString = false
  private isEscaped = false
  private start = -1
  private held: Buffer[] = []
  private heldBytes = 0
  private number = 0
  private offset = 0
  /** Set by the bracket that closes them. */
  isEnded = false

  get isInsideRecord(): boolean {
    return this.depth > 0
  }

  *scan(chunk: Buffer): Generator<Line> {
    this.start = this.depth > 0 ? 0 : -1
    for (let at = 0; at < chunk.length && !this.isEnded; at += 1) {
      const line = this.step(chunk, at)
      if (line !== undefined) yield line
    }
    if (this.start !== -1) this.hold(chunk.subarray(this.start))
    this.offset += chunk.length
  }

  private step(chunk: Buffer, at: number): Line | undefined {
    const byte = chunk[at]
    if (this.isInString) {
      if (this.isEscaped) this.isEscaped = false
      else if (byte === backslash) this.isEscaped = true
      else if (byte === quote) this.isInString = false
    } else if (byte === quote) this.isInString = true
    else if (byte === openBrace || byte === openBracket) {
      if (this.depth === 0) this.start = at
      this.depth += 1
    } else if (byte === closeBrace || byte === closeBracket) {
      if (this.depth === 0) this.isEnded = true
      else {
        this.depth -= 1
        if (this.depth === 0) return this.finish(chunk, at + 1)
      }
    }
    return undefined
  }

  private hold(bytes: Buffer): void {
    this.heldBytes += bytes.length
    if (this.heldBytes > lineBytesMax) this.held = []
    else this.held.push(bytes)
  }

  private finish(chunk: Buffer, end: number): Line {
    this.hold(chunk.subarray(this.start, end))
    const isTooLong = this.heldBytes > lineBytesMax
    const bytes = isTooLong ? undefined : Buffer.concat(this.held)
    this.held = []
    this.heldBytes = 0
    this.start = -1
    this.number += 1
    return { number: this.number, end: this.offset + end, bytes }
  }
}

/** The elements of an array, one by one: such a file is one line, and may be of any size. */
async function* splitArray(chunks: AsyncIterable<Buffer>): AsyncGenerator<Line> {
  const scanner = new RecordScanner()
  for await (const chunk of chunks) {
    yield* scanner.scan(chunk)
    if (scanner.isEnded) return
  }
  throw new Failure(
    exitCodes.wrong,
    'The file ends in the middle of its records; what came before has been read.',
  )
}

/** Records of a file as AWS or GitHub delivers it, or of a file with one record a line. */
export async function* splitRecords(chunks: AsyncIterable<Buffer>): AsyncGenerator<Line> {
  const { head, rest } = await peek(chunks, peekBytes)
  const opening = wholeFile.exec(head.toString('utf8', 0, peekBytes))
  if (opening === null) yield* splitLines(rejoin({ head, rest }))
  else {
    const records = head.subarray(Buffer.byteLength(opening[0]))
    yield* splitArray(rejoin({ head: records, rest }))
  }
}
