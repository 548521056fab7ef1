import { emptyRoot, hashNode } from '@indelible/proof'
import { limits } from '@indelible/protocol'
import type { ProveStore } from '../store/store.ts'

/** Hashes of one log's tree, as the store keeps them: leaves, and roots of 256-wide subtrees. */
export interface TreeReader {
  /** Merkle tree hash (RFC 6962 §2.1) of the leaves from <= index < until; there may be none. */
  rangeRoot(from: number, until: number): Promise<Uint8Array>
}

const hashBytes = 32
const tileBits = Math.log2(limits.tileWidth)

/** Subtree roots remembered: the receipts of neighbours share most of them. */
const rootsMax = 4_096

/**
 * Reads at most 255 hashes for each perfect subtree, whatever its size, and remembers its root:
 * it never changes, since the log only grows.
 */
export function createTreeReader(store: ProveStore, tenant: string): TreeReader {
  const roots = new Map<string, Uint8Array>()
  const readPerfect = async (from: number, width: number): Promise<Uint8Array> => {
    const key = `${from} ${width}`
    const known = roots.get(key)
    if (known !== undefined) return known
    const root = await readPerfectAnew(from, width)
    if (roots.size >= rootsMax) roots.clear()
    roots.set(key, root)
    return root
  }
  const readPerfectAnew = async (from: number, width: number): Promise<Uint8Array> => {
    const level = Math.floor(Math.log2(width) / tileBits)
    const span = limits.tileWidth ** level
    const [first, count] = [from / span, width / span]
    const hashes =
      level === 0
        ? await store.readLeafHashes(tenant, first, first + count)
        : await store.readNodes(tenant, level, first, first + count)
    if (hashes.length !== count * hashBytes) {
      throw new Error(`The tree of "${tenant}" lacks hashes at level ${level} from ${first}.`)
    }
    return fold(hashes)
  }
  const rangeRoot = async (from: number, until: number): Promise<Uint8Array> => {
    const count = until - from
    if (count === 0) return emptyRoot()
    const width = largestPowerUpTo(count)
    if (width === count) return readPerfect(from, width)
    return hashNode(await readPerfect(from, width), await rangeRoot(from + width, until))
  }
  return { rangeRoot }
}

/** Root of a perfect tree over concatenated hashes. */
function fold(hashes: Uint8Array): Uint8Array {
  let level: Uint8Array[] = []
  for (let at = 0; at < hashes.length; at += hashBytes) {
    level.push(hashes.subarray(at, at + hashBytes))
  }
  while (level.length > 1) {
    const above: Uint8Array[] = []
    for (let n = 0; n + 1 < level.length; n += 2) {
      above.push(hashNode(level[n] as Uint8Array, level[n + 1] as Uint8Array)) // both are in range
    }
    level = above
  }
  const [root] = level
  if (root === undefined) throw new Error('A perfect subtree has at least one hash.')
  return root
}

/** Largest power of two that is <= count. */
export function largestPowerUpTo(count: number): number {
  let power = 1
  while (power * 2 <= count) power *= 2
  return power
}
