export type ExportFormat = 'ndjson' | 'csv' | 'receipts'

const lineFeed = 0x0a
const quote = 0x22

/** Lines before the first entry: a CSV's head, the manifest of receipts. */
const headLines = { ndjson: 0, csv: 1, receipts: 1 } as const

/** Counts the entries of an export as it comes, and tells whether it could end where it did. */
export function createEntryCounter(format: ExportFormat) {
  let lines = 0
  let last = lineFeed
  let isQuoted = false
  return {
    add(chunk: Uint8Array): void {
      for (const byte of chunk) {
        // In a CSV, line feeds inside of quotes are text; a quote in it is two, which cancel out.
        if (byte === quote) isQuoted = !isQuoted
        else if (byte === lineFeed && (format !== 'csv' || !isQuoted)) lines += 1
      }
      last = chunk.at(-1) ?? last
    },
    entries: (): number => Math.max(0, lines - headLines[format]),
    isBetweenLines: (): boolean => last === lineFeed && (format !== 'csv' || !isQuoted),
  }
}
