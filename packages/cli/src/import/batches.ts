import type { Hash } from 'node:crypto'
import { createHash } from 'node:crypto'
import type { Line } from './lines.ts'
import type { EventMapper, Mapped } from './ndjson-events.ts'

/** Events of one request: its acknowledgement is one step of the import. */
const batchEventsMax = 500
/** UTF-16 units of one request, of which UTF-8 may need three bytes each: well under what the service takes. */
const batchCharsMax = 2 * 1024 * 1024

export interface ReadyEvent {
  readonly line: Line
  /** The event's JSON, on one line. */
  readonly text: string
}
export interface RefusedLine {
  readonly line: Line
  readonly problem: Extract<Mapped, { code: string }>
}

/** Consecutive records of a file. */
export interface Batch {
  readonly events: readonly ReadyEvent[]
  /** What can't even be sent. */
  readonly refused: readonly RefusedLine[]
  /** The last record of the batch. */
  readonly line: number
  readonly offset: number
  /** SHA-256 of all records of the file so far, hex. */
  readonly digest: string
}

/** Where to begin: what was acknowledged before is read, but not given again. */
export interface ResumePoint {
  readonly line: number
  readonly digest: string
}

/** The file is another one than the one whose import was interrupted. */
export class SourceChanged extends Error {}

interface Open {
  events: ReadyEvent[]
  refused: RefusedLine[]
  chars: number
}

const isFull = ({ events, refused, chars }: Open): boolean =>
  events.length + refused.length >= batchEventsMax || chars >= batchCharsMax

const seal = (open: Open, last: Line, digest: Hash): Batch => ({
  events: open.events,
  refused: open.refused,
  line: last.number,
  offset: last.end,
  digest: digest.copy().digest('hex'),
})

/**
 * Gathers a file's records into batches of at most `batchEventsMax` and about `batchCharsMax`.
 * Lines are always read from the start, because derived ids depend on the lines before.
 * @throws {SourceChanged} if the records up to `resume` aren't those that were read before.
 */
export async function* gatherBatches(
  lines: AsyncIterable<Line>,
  mapper: EventMapper,
  resume: ResumePoint | undefined,
): AsyncGenerator<Batch> {
  const digest = createHash('sha256')
  let open: Open = { events: [], refused: [], chars: 0 }
  let last: Line | undefined
  let isResumed = resume === undefined
  const assertSame = (): void => {
    if (digest.copy().digest('hex') !== resume?.digest) throw new SourceChanged()
    isResumed = true
  }
  try {
    for await (const line of lines) {
      if (!isResumed && line.number > (resume?.line ?? 0)) assertSame()
      digest.update(line.bytes ?? `too long: ends at ${line.end}`).update('\n')
      const mapped = mapper(line)
      if (!isResumed) continue
      if ('code' in mapped) open.refused.push({ line, problem: mapped })
      else {
        open.events.push({ line, text: mapped.text })
        open.chars += mapped.text.length + 1
      }
      last = line
      if (!isFull(open)) continue
      yield seal(open, line, digest)
      open = { events: [], refused: [], chars: 0 }
      last = undefined
    }
    if (!isResumed) assertSame()
  } catch (error) {
    // Where the file breaks off, what it held before is given all the same.
    if (last !== undefined) yield seal(open, last, digest)
    throw error
  }
  if (last !== undefined) yield seal(open, last, digest)
}
