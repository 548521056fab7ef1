import { formatLeaf } from '../ledger/leaf.ts'
import type { KeptEntry } from '../store/store.ts'

/** An entry bundle of C2SP tlog-tiles: each leaf's text behind its big-endian uint16 length. */
export function formatBundle(entries: readonly KeptEntry[]): Uint8Array {
  const pieces = entries.flatMap((entry) => {
    const text = Buffer.from(formatLeaf(entry), 'latin1')
    const length = Buffer.alloc(2)
    length.writeUInt16BE(text.length)
    return [length, text]
  })
  return Buffer.concat(pieces)
}
