import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Of the library that records what a process does to its files. */
export const journalSource = join(import.meta.dirname, 'journal.c')

/** One thing a journalled process did, as prove/journal/journal.c recorded it. */
export type JournalRecord =
  | {
      readonly kind: 'open'
      readonly handle: bigint
      readonly path: string
      readonly empty: boolean
    }
  | { readonly kind: 'write'; readonly handle: bigint; readonly at: number; readonly data: Buffer }
  | { readonly kind: 'truncate'; readonly handle: bigint; readonly size: number }
  | { readonly kind: 'sync'; readonly handle: bigint }
  | { readonly kind: 'rename' | 'link'; readonly from: string; readonly to: string }
  | { readonly kind: 'unlink' | 'mkdir'; readonly path: string }
  | { readonly kind: 'answer'; readonly text: string }

const headBytes = 21

/** Reads a journal; what a kill cut off at its end did not happen. */
export function readJournal(path: string): JournalRecord[] {
  const bytes = readFileSync(path)
  const records: JournalRecord[] = []
  for (let at = 0; at + headBytes <= bytes.length; ) {
    const length = bytes.readUInt32LE(at + 17)
    const end = at + headBytes + length
    if (end > bytes.length) break
    records.push(
      parseRecord({
        kind: String.fromCharCode(bytes.readUInt8(at)),
        handle: bytes.readBigUInt64LE(at + 1),
        offset: Number(bytes.readBigUInt64LE(at + 9)),
        data: bytes.subarray(at + headBytes, end),
      }),
    )
    at = end
  }
  return records
}

/** Adds what happened outside of the journalled processes, at the place it happened. */
export function appendMark(path: string, text: string): void {
  const data = Buffer.from(`mark ${text}`)
  const head = Buffer.alloc(headBytes)
  head.write('A')
  head.writeUInt32LE(data.length, headBytes - 4)
  appendFileSync(path, Buffer.concat([head, data]))
}

function parseRecord(raw: {
  readonly kind: string
  readonly handle: bigint
  readonly offset: number
  readonly data: Buffer
}): JournalRecord {
  const { kind, handle, offset, data } = raw
  const text = () => data.toString()
  const pair = () => {
    const [from = '', to = ''] = text().split('\n')
    return { from, to }
  }
  switch (kind) {
    case 'O':
      return { kind: 'open', handle, path: text(), empty: offset === 1 }
    case 'W':
      return { kind: 'write', handle, at: offset, data }
    case 'T':
      return { kind: 'truncate', handle, size: offset }
    case 'S':
      return { kind: 'sync', handle }
    case 'R':
      return { kind: 'rename', ...pair() }
    case 'L':
      return { kind: 'link', ...pair() }
    case 'U':
      return { kind: 'unlink', path: pair().to }
    case 'D':
      return { kind: 'mkdir', path: pair().to }
    case 'A':
      return { kind: 'answer', text: text() }
    default:
      throw new Error(`The journal holds a record of the unknown kind "${kind}".`)
  }
}
