import { hash } from 'node:crypto'
import { limits } from '@indelible/protocol'
import type { TreeNode } from '../store/store.ts'

const hashBytes = 32
const nodeInput = Buffer.alloc(1 + 2 * hashBytes)
nodeInput[0] = 0x01
const tileBits = Math.log2(limits.tileWidth)
/** Where the length is not given, `hash` looks up each time whether the algorithm needs one. */
const toLatin1 = { outputEncoding: 'latin1', outputLength: hashBytes } as const

/** Interior node hash (RFC 6962 §2.1) of two latin1 hashes. @returns a latin1 string */
export function hashNode(left: string, right: string): string {
  nodeInput.write(left, 1, 'latin1')
  nodeInput.write(right, 1 + hashBytes, 'latin1')
  return hash('sha256', nodeInput, toLatin1)
}

/**
 * The right edge of a growing Merkle tree: the roots of the perfect subtrees that its size is the
 * sum of, largest first. Appending costs one hash on average; nothing else of the tree is needed.
 * Hashes are latin1 strings inside, bytes outside.
 */
export class Edge {
  #size: number
  /** Owned here alone: `append` pushes and merges, nothing else writes. */
  readonly #roots: string[] = []

  constructor(size: number, edge: Uint8Array) {
    this.#size = size
    const text = Buffer.from(edge.buffer, edge.byteOffset, edge.length).toString('latin1')
    for (let at = 0; at < text.length; at += hashBytes) {
      this.#roots.push(text.slice(at, at + hashBytes))
    }
    if (this.#roots.length !== countBits(size) || text.length % hashBytes !== 0) {
      throw new Error(`The right edge kept for size ${size} does not fit that size.`)
    }
  }

  get size(): number {
    return this.#size
  }

  /** Appends a leaf hash. @returns the 256-wide subtrees that this leaf completed */
  append(leafHash: string): TreeNode[] {
    let top = leafHash
    let height = 0
    let nodes: TreeNode[] = noNodes
    let width = 1
    this.#size++
    while (this.#size % (width * 2) === 0) {
      const left = this.#roots.pop()
      if (left === undefined) throw new Error('The right edge is shorter than its size.')
      top = hashNode(left, top)
      width *= 2
      height++
      if (height % tileBits === 0) {
        const node = { level: height / tileBits, index: this.#size / width - 1, hash: bytes(top) }
        nodes = nodes === noNodes ? [node] : [...nodes, node]
      }
    }
    this.#roots.push(top)
    return nodes
  }

  /** Root hash; of an empty tree SHA-256(""). */
  root(): Buffer {
    if (this.#roots.length === 0) return Buffer.from(hash('sha256', '', 'latin1'), 'latin1')
    return bytes(this.#roots.reduceRight((right, left) => hashNode(left, right)))
  }

  toBytes(): Buffer {
    return bytes(this.#roots.join(''))
  }
}

const noNodes: TreeNode[] = []
const bytes = (latin1: string): Buffer => Buffer.from(latin1, 'latin1')

function countBits(size: number): number {
  let bits = 0
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) bits += rest % 2
  return bits
}
