import { limits } from '@indelible/protocol'
import { createGate } from '../base/gate.ts'
import { Refusal } from '../base/refusal.ts'
import { gunzipBounded } from './gzip.ts'
import { decodeUtf8, parseJson, parseJsonText } from './json.ts'
import { readMediaType } from './media-type.ts'

/** Bodies inflated and not parsed yet: 16 kB on the wire can become 16 MiB here. */
const inflating = createGate(4)

const blankLine = /^[ \t\r]*$/

/** A body as it was sent. */
export interface SentBody {
  readonly contentEncoding: string | undefined
  readonly body: Buffer
}

/** One request body, as the HTTP layer or a queue hands it over. */
export interface EventsBody extends SentBody {
  readonly contentType: string | undefined
}

/** What a body held. A single event is answered with its head, a batch with a list of heads. */
export interface SubmittedEvents {
  readonly shape: 'single' | 'batch'
  /** Parsed, not yet looked at: each may be anything that JSON can be. */
  readonly values: readonly unknown[]
}

/**
 * Reads the events of one request: `application/json` (an array is a batch) or NDJSON, each
 * plain or gzipped.
 *
 * @throws Refusal `media-type-unsupported`; `body-too-large` above `bodyBytesMax` after
 *   decompression; `json-malformed` (also for broken gzip); `event-invalid` above `batchEventsMax`.
 */
export async function readEvents(submitted: EventsBody): Promise<SubmittedEvents> {
  const mediaType = readMediaType(submitted.contentType)
  return readBody(submitted, (body) => parseBody(mediaType, body))
}

/**
 * Parses a body once it is decompressed; what is inflated waits for nothing but that.
 *
 * @throws Refusal `media-type-unsupported`, `body-too-large` and `json-malformed`, as `readEvents`;
 *   and what `parse` throws.
 */
export async function readBody<T>(sent: SentBody, parse: (body: Buffer) => T): Promise<T> {
  const coding = sent.contentEncoding?.trim().toLowerCase() ?? ''
  if (coding !== '' && coding !== 'identity') {
    return inflating(async () => parse(await decompress(sent.body, coding)))
  }
  if (sent.body.length > limits.bodyBytesMax) throw tooLarge()
  return parse(sent.body)
}

function parseBody(mediaType: ReturnType<typeof readMediaType>, body: Buffer): SubmittedEvents {
  if (mediaType === 'ndjson') return { shape: 'batch', values: parseLines(decodeUtf8(body)) }
  const value = parseJson(body)
  if (!Array.isArray(value)) return { shape: 'single', values: [value] }
  assertBatchSize(value.length)
  return { shape: 'batch', values: value }
}

async function decompress(body: Buffer, coding: string): Promise<Buffer> {
  if (coding !== 'gzip' && coding !== 'x-gzip') {
    throw new Refusal('media-type-unsupported', {
      detail: `Content-Encoding ${JSON.stringify(coding)} is not accepted; send gzip, once, or none.`,
    })
  }
  const inflated = await gunzipBounded(body, limits.bodyBytesMax)
  if (inflated === 'too-large') throw tooLarge()
  if (inflated === 'corrupt') {
    throw new Refusal('json-malformed', {
      detail: 'The body is not complete, valid gzip with nothing behind it.',
    })
  }
  return inflated
}

function parseLines(text: string): unknown[] {
  const values: unknown[] = []
  let line = 0
  for (let start = 0; start < text.length; ) {
    line++
    const feed = text.indexOf('\n', start)
    if (feed === start) {
      start++
      continue
    }
    const end = feed === -1 ? text.length : feed
    const content = text.slice(start, text.charCodeAt(end - 1) === 0x0d ? end - 1 : end)
    start = end + 1
    if (blankLine.test(content)) continue
    assertBatchSize(values.length + 1)
    values.push(parseJsonText(content, { line, pointer: `/${values.length}` }))
  }
  return values
}

/** @throws Refusal `event-invalid` above `batchEventsMax` */
export function assertBatchSize(events: number): void {
  if (events <= limits.batchEventsMax) return
  throw new Refusal('event-invalid', {
    detail: `A batch may have ${limits.batchEventsMax} events; this one has ${events} or more.`,
    errors: [{ pointer: '', detail: `More than ${limits.batchEventsMax} events in one batch.` }],
  })
}

function tooLarge(): Refusal {
  return new Refusal('body-too-large', {
    detail: `A body may have ${limits.bodyBytesMax} bytes after decompression; send smaller batches.`,
  })
}
