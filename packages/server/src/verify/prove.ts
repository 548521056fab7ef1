import { largestPowerUpTo, type TreeReader } from './tree-reader.ts'

/** Largest power of two strictly below `count` (> 1): where RFC 6962 splits a tree. */
const splitOf = (count: number): number => largestPowerUpTo(count - 1)

/**
 * Inclusion proof PATH(index, D[0:size]) of RFC 6962 §2.1.1, leaf to root.
 * @param index below `size`
 */
export async function proveInclusion(
  tree: TreeReader,
  index: number,
  size: number,
): Promise<Uint8Array[]> {
  const path = async (from: number, until: number): Promise<Uint8Array[]> => {
    if (until - from === 1) return []
    const middle = from + splitOf(until - from)
    return index < middle
      ? [...(await path(from, middle)), await tree.rangeRoot(middle, until)]
      : [...(await path(middle, until)), await tree.rangeRoot(from, middle)]
  }
  return path(0, size)
}

/**
 * Consistency proof PROOF(from, D[0:to]) of RFC 6962 §2.1.2.
 * @param from 1 <= from <= to
 */
export async function proveConsistency(
  tree: TreeReader,
  from: number,
  to: number,
): Promise<Uint8Array[]> {
  const subproof = async (
    old: number,
    start: number,
    end: number,
    isWhole: boolean,
  ): Promise<Uint8Array[]> => {
    const count = end - start
    if (old === count) return isWhole ? [] : [await tree.rangeRoot(start, end)]
    const left = splitOf(count)
    const middle = start + left
    return old <= left
      ? [...(await subproof(old, start, middle, isWhole)), await tree.rangeRoot(middle, end)]
      : [...(await subproof(old - left, middle, end, false)), await tree.rangeRoot(start, middle)]
  }
  return subproof(from, 0, to, true)
}
