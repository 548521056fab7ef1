import { createHash } from 'node:crypto'

/** RFC 6962 §2.1 as it reads, slow and recursive: what the fast tree is checked against. */

const digest = (...chunks: readonly Uint8Array[]): Uint8Array =>
  new Uint8Array(createHash('sha256').update(Buffer.concat(chunks)).digest())

export const leafOf = (entry: Uint8Array): Uint8Array => digest(Uint8Array.of(0), entry)

/** Largest power of two below a size. */
function split(size: number): number {
  let k = 1
  while (k * 2 < size) k *= 2
  return k
}

export function naiveRoot(leaves: readonly Uint8Array[]): Uint8Array {
  const [first] = leaves
  if (first === undefined) return digest()
  if (leaves.length === 1) return first
  const k = split(leaves.length)
  return digest(Uint8Array.of(1), naiveRoot(leaves.slice(0, k)), naiveRoot(leaves.slice(k)))
}

/** PATH(m, D[n]) of §2.1.1. */
export function naiveInclusion(index: number, leaves: readonly Uint8Array[]): Uint8Array[] {
  if (leaves.length <= 1) return []
  const k = split(leaves.length)
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)]
  return index < k
    ? [...naiveInclusion(index, left), naiveRoot(right)]
    : [...naiveInclusion(index - k, right), naiveRoot(left)]
}

/** PROOF(m, D[n]) of §2.1.2. */
export function naiveConsistency(from: number, leaves: readonly Uint8Array[]): Uint8Array[] {
  return subproof(from, leaves, true)
}

function subproof(from: number, leaves: readonly Uint8Array[], whole: boolean): Uint8Array[] {
  if (from === leaves.length) return whole ? [] : [naiveRoot(leaves)]
  const k = split(leaves.length)
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)]
  return from <= k
    ? [...subproof(from, left, whole), naiveRoot(right)]
    : [...subproof(from - k, right, false), naiveRoot(left)]
}
