import { concatBytes, isCount } from './bytes.ts'
import { VerificationError } from './error.ts'
import { emptyRoot, half, hashBytes, hashNode, isHash, isOdd } from './tree.ts'

/** Told of every perfect subtree as it completes: 2^height leaves from `index * 2 ** height`. */
export type OnSubtree = (height: number, index: number, hash: Uint8Array) => void

const refuse = (why: string) => new VerificationError('tree-malformed', why)

/**
 * The right edge of a growing tree: the roots of the perfect subtrees that make up its size, at
 * most 53 hashes whatever the size. A leaf costs one node to append, on the average.
 */
export class Frontier {
  #size = 0
  /** Largest subtree first. */
  readonly #edge: Uint8Array[] = []

  /** A frontier that continues where an `edge()` was taken at this size; throws `tree-malformed`. */
  static from(size: number, edge: Uint8Array): Frontier {
    let subtrees = 0
    if (!isCount(size)) throw refuse('A size is a whole number.')
    for (let rest = size; rest > 0; rest = half(rest)) if (isOdd(rest)) subtrees += 1
    if (edge.length !== subtrees * hashBytes) throw refuse(`No tree of size ${size} has this edge.`)
    const frontier = new Frontier()
    frontier.#size = size
    for (let at = 0; at < edge.length; at += hashBytes) {
      frontier.#edge.push(edge.slice(at, at + hashBytes))
    }
    return frontier
  }

  get size(): number {
    return this.#size
  }

  /** Appends one leaf; throws `tree-malformed` if its hash is not 32 bytes, or the tree is full. */
  append(leafHash: Uint8Array, onSubtree?: OnSubtree): void {
    if (!isHash(leafHash)) throw refuse('A leaf hash is 32 bytes.')
    if (!isCount(this.#size + 1)) throw refuse('The tree is full.')
    let hash = leafHash
    let index = this.#size
    for (let height = 1; isOdd(index); height += 1) {
      const left = this.#edge.pop()
      if (left === undefined) throw new Error('The edge is shorter than its size says.')
      hash = hashNode(left, hash)
      index = half(index)
      onSubtree?.(height, index, hash)
    }
    this.#edge.push(hash)
    this.#size += 1
  }

  /** Root hash of the whole tree. */
  root(): Uint8Array {
    const [smallest = emptyRoot(), ...larger] = this.#edge.toReversed()
    return larger.reduce((right, left) => hashNode(left, right), smallest)
  }

  /** The subtrees' roots, largest first, 32 bytes each, concatenated. */
  edge(): Uint8Array {
    return concatBytes(...this.#edge)
  }
}
