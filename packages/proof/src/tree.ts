import { equalBytes, isCount } from './bytes.ts'
import { VerificationError } from './error.ts'
import { sha256 } from './sha256.ts'

export const hashBytes = 32
/** A tree of up to 2^53 − 1 leaves needs no longer proof; a longer one is refused unread. */
export const proofHashesMax = 64

/** Leaf hash of an entry: SHA-256(0x00 ‖ entry) (RFC 6962 §2.1). */
export function hashLeaf(entry: Uint8Array): Uint8Array {
  const input = new Uint8Array(1 + entry.length)
  input.set(entry, 1)
  return sha256(input)
}

/** Hash of an inner node: SHA-256(0x01 ‖ left ‖ right) (RFC 6962 §2.1). */
export function hashNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  const input = new Uint8Array(1 + left.length + right.length)
  input[0] = 1
  input.set(left, 1)
  input.set(right, 1 + left.length)
  return sha256(input)
}

/** Root hash of the empty tree: SHA-256 of nothing. */
export const emptyRoot = (): Uint8Array => sha256(new Uint8Array(0))

/** Whether it has the length of a hash of the tree. */
export const isHash = (bytes: Uint8Array): boolean => bytes.length === hashBytes
// Division and remainder, not bit operators: those would cut sizes to 32 bits.
export const half = (value: number): number => Math.floor(value / 2)
export const isOdd = (value: number): boolean => value % 2 === 1

/** A hash of a proof, and the side on which it joins the way from a node to the root. */
type Sibling = { readonly hash: Uint8Array; readonly isLeft: boolean }

/**
 * Walks from a node of a level, whose last node is `last`, to the root, as the loops of RFC 9162
 * §2.1.3.2 and §2.1.4.2 do. Undefined if the hashes are not as many as the way needs.
 */
function alignSiblings(node: number, last: number, hashes: readonly Uint8Array[]) {
  const siblings: Sibling[] = []
  for (const hash of hashes) {
    if (last === 0 || !isHash(hash)) return undefined
    const isLeft = isOdd(node) || node === last
    siblings.push({ hash, isLeft })
    // A last node without a sibling rises until it has one.
    while (isLeft && !isOdd(node) && node !== 0) {
      node = half(node)
      last = half(last)
    }
    node = half(node)
    last = half(last)
  }
  return last === 0 ? siblings : undefined
}

const join = (hash: Uint8Array, sibling: Sibling): Uint8Array =>
  sibling.isLeft ? hashNode(sibling.hash, hash) : hashNode(hash, sibling.hash)

/** One leaf's way to a root: sizes and indexes up to 2^53 − 1, hashes from the leaf upwards. */
export interface InclusionPath {
  readonly index: number
  readonly size: number
  readonly leafHash: Uint8Array
  readonly hashes: readonly Uint8Array[]
}

/**
 * The root that an inclusion proof leads to (RFC 9162 §2.1.3.2). By itself it proves nothing:
 * compare it with a root that is trusted. Throws `inclusion-invalid`.
 */
export function rootFromInclusion({ index, size, leafHash, hashes }: InclusionPath): Uint8Array {
  const refuse = (why: string) => new VerificationError('inclusion-invalid', why)
  if (!isCount(index) || !isCount(size)) throw refuse('Index and size are whole numbers.')
  if (index >= size) throw refuse(`Index ${index} is outside a tree of size ${size}.`)
  if (!isHash(leafHash)) throw refuse('A leaf hash is 32 bytes.')
  const siblings = alignSiblings(index, size - 1, hashes)
  if (siblings === undefined) throw refuse('These are not the hashes that the tree needs.')
  return siblings.reduce(join, leafHash)
}

/** Checks that a leaf is at an index of the tree with this root; throws `inclusion-invalid`. */
export function verifyInclusion(proof: InclusionPath & { readonly root: Uint8Array }): void {
  if (equalBytes(rootFromInclusion(proof), proof.root)) return
  throw new VerificationError('inclusion-invalid', 'The proof leads to another root.')
}

/** The claim that a tree of size `to` begins with all of a tree of size `from`. */
export interface ConsistencyClaim {
  readonly from: number
  readonly to: number
  readonly fromRoot: Uint8Array
  readonly toRoot: Uint8Array
  readonly hashes: readonly Uint8Array[]
}

/**
 * Checks that a log only appended between two of its trees (RFC 9162 §2.1.4.2). Equal sizes need
 * equal roots and no hashes. Size 0 before a greater one is refused: every tree extends the empty
 * one, so there is nothing that a proof could show. Throws `consistency-invalid`.
 */
export function verifyConsistency({ from, to, fromRoot, toRoot, hashes }: ConsistencyClaim): void {
  const refuse = (why: string) => new VerificationError('consistency-invalid', why)
  if (!isCount(from) || !isCount(to)) throw refuse('Sizes are whole numbers.')
  if (from > to) throw refuse(`A tree of size ${to} cannot extend one of size ${from}.`)
  if (!isHash(fromRoot) || !isHash(toRoot)) throw refuse('A root hash is 32 bytes.')
  if (from === to) {
    if (hashes.length > 0) throw refuse('Equal sizes need no hashes.')
    if (!equalBytes(fromRoot, toRoot)) throw refuse('Two roots for one size: the log was forked.')
    return
  }
  if (from === 0) throw refuse('Consistency with the empty tree proves nothing.')
  // Start at the largest subtree that ends where the old tree ends; it may be all of the old tree.
  let [node, last] = [from - 1, to - 1]
  while (isOdd(node)) [node, last] = [half(node), half(last)]
  const [first, ...rest] = node === 0 ? [fromRoot, ...hashes] : hashes
  const siblings = alignSiblings(node, last, rest)
  if (first === undefined || !isHash(first) || siblings === undefined) {
    throw refuse('These are not the hashes that the two trees need.')
  }
  const oldRoot = siblings.filter(({ isLeft }) => isLeft).reduce(join, first)
  if (!equalBytes(oldRoot, fromRoot)) throw refuse('The proof leads to another first root.')
  const newRoot = siblings.reduce(join, first)
  if (!equalBytes(newRoot, toRoot)) throw refuse('The proof leads to another second root.')
}
