import { parseJson } from '@indelible/proof'
import { exitCodes } from '../core/exit-codes.ts'
import { Failure } from '../core/failure.ts'
import { type Line, splitLines } from '../import/lines.ts'

/** A single receipt may be printed over many lines; more than this is no receipt. */
const documentBytesMax = 16 * 1024 * 1024

/** One JSON value of a file of evidence, or why it is none. */
export type Item =
  | { readonly line: number; readonly value: unknown }
  | { readonly line: number; readonly fault: string }

function parseItem(line: Line): Item {
  if (line.bytes === undefined) return { line: line.number, fault: 'The line is too long.' }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(line.bytes)
    return { line: line.number, value: parseJson(text) }
  } catch (error) {
    return { line: line.number, fault: `Not JSON: ${error instanceof Error ? error.message : ''}` }
  }
}

/** Lines that are put together again, because the first of them is no JSON by itself. */
async function readDocument(first: Line, rest: AsyncIterator<Line>): Promise<Item> {
  const parts = [first.bytes ?? Buffer.alloc(0)]
  let bytes = parts[0]?.length ?? 0
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
    bytes += (next.value.bytes?.length ?? documentBytesMax) + 1
    if (bytes > documentBytesMax) {
      throw new Failure(exitCodes.usage, 'Neither a receipt nor one receipt a line.')
    }
    parts.push(Buffer.from('\n'), next.value.bytes ?? Buffer.alloc(0))
  }
  return parseItem({ number: 1, end: bytes, bytes: Buffer.concat(parts) })
}

/**
 * The JSON values of a file: one a line, or a single one over many lines. A line that is no JSON
 * is an item too: evidence that can't be read is not passed over.
 */
export async function* readItems(chunks: AsyncIterable<Buffer>): AsyncGenerator<Item> {
  const lines = splitLines(chunks)
  const first = await lines.next()
  if (first.done === true) return
  const item = parseItem(first.value)
  const text = first.value.bytes?.toString('utf8').trim()
  if ('fault' in item && text !== undefined && /^[{[]$|^\{\s*"[^"]*":\s*["{]?[^}]*$/.test(text)) {
    yield await readDocument(first.value, lines)
    return
  }
  yield item
  for await (const line of lines) yield parseItem(line)
}
