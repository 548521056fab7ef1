import { limits } from '@indelible/protocol'
import { messageOf } from '../base/message-of.ts'
import { hashNode } from '../ledger/edge.ts'
import type { AuditStore, PlacedEntry } from '../store/store.ts'
import type { Finding } from './finding.ts'

const hashBytes = 32

/** A stretch of one log to audit; `from` is a multiple of the tile width. */
export interface Stretch {
  /** The name the log is read under. */
  readonly tenant: string
  /** The tenant its entries name: another one where the log has ended. */
  readonly names: string
  readonly from: number
  readonly until: number
}

/** What is there of a stretch, and the leaf hash kept with each entry, latin1. */
interface Leaves {
  readonly entries: readonly PlacedEntry[]
  readonly hashes: readonly string[]
  /** No entry is missing. */
  readonly isWhole: boolean
}

/** The 256-wide subtrees that lie within the stretch, against those kept. */
export async function checkBlocks(
  store: AuditStore,
  { tenant, from, until }: Stretch,
  leaves: Leaves,
): Promise<Finding[]> {
  const width = limits.tileWidth
  const [first, end] = [from / width, Math.floor(until / width)]
  if (end <= first) return []
  const kept = await readBlockHashes(store, tenant, first, end)
  if (kept.hashes === undefined) {
    const detail = `The tree over entries ${from} to ${end * width - 1} can't be read: ${kept.fault}.`
    return [{ tenant, index: from, until: end * width, code: 'tree-changed', detail }]
  }
  const findings: Finding[] = []
  for (let block = first; block < end; block++) {
    const [index, last] = [block * width, (block + 1) * width]
    // With an entry missing there is nothing to fold, and the finding is there already.
    const hashes = leaves.isWhole
      ? leaves.hashes.slice(index - from, last - from)
      : takeBlock(leaves, index, last)
    if (hashes.length < width) continue
    const at = (block - first) * hashBytes
    if (foldHashes(hashes) === kept.hashes.slice(at, at + hashBytes)) continue
    const detail =
      `The tree kept over entries ${index} to ${last - 1} is not the tree of these entries: one ` +
      'of them was replaced, or they changed places.'
    findings.push({ tenant, index, until: last, code: 'tree-changed', detail })
  }
  return findings
}

const takeBlock = ({ entries, hashes }: Leaves, from: number, until: number): string[] =>
  hashes.filter((_, n) => {
    const index = entries[n]?.index ?? -1
    return index >= from && index < until
  })

/** @returns latin1 hashes, or what is wrong with them */
async function readBlockHashes(store: AuditStore, tenant: string, from: number, until: number) {
  try {
    const bytes = await store.readNodes(tenant, 1, from, until)
    if (bytes.length !== (until - from) * hashBytes) return { fault: 'hashes are missing' }
    return { hashes: toLatin1(bytes) }
  } catch (error) {
    return { fault: messageOf(error) }
  }
}

/** Bytes as a string of as many characters: compared and cut without views. */
export const toLatin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')

function foldHashes(hashes: readonly string[]): string {
  let level = hashes
  while (level.length > 1) {
    const above: string[] = []
    for (let n = 0; n + 1 < level.length; n += 2) {
      above.push(hashNode(level[n] ?? '', level[n + 1] ?? ''))
    }
    level = above
  }
  return level[0] ?? ''
}
