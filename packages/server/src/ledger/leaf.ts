import { hash } from 'node:crypto'
import { type PartLabel, partLabels } from '@indelible/protocol'
import type { Parts } from '../store/store.ts'

/**
 * The leaf of evidence A1, made fast: one scratch buffer, one-shot digests, binary strings instead
 * of small buffers (a digest into a `Buffer` costs twice one into a latin1 string). `proof` holds
 * an independent implementation; the tests hold the two against each other.
 */

export const secretBytes = 16
const saltBytes = 16
/** Domain separation: the secret is used for salts and nothing else. */
const saltLabel = 'indelible-salts/v1\n'
const partHeader = 'indelible-part/v1\n'

/** What a leaf commits to. */
export interface Leaf {
  readonly type: string
  /** `received`, Unix milliseconds. */
  readonly received: number
  readonly secret: Uint8Array
  readonly parts: Parts
}

let scratch = Buffer.allocUnsafe(1024 * 1024)

/** Labels of the parts that are present, ascending by byte. */
export function presentLabels(parts: Parts): PartLabel[] {
  return partLabels.filter((label) => parts[label] !== undefined)
}

/**
 * Salts of an entry's parts, 16 bytes each, in the order of `labels`: SHAKE256 of the entry's
 * secret, so that one secret is kept instead of a salt for every part.
 * @returns a latin1 string of 16 characters a label
 */
function deriveSalts(secret: Uint8Array, count: number): string {
  const from = scratch.write(saltLabel, 0, 'latin1')
  scratch.set(secret, from)
  return hash('shake256', scratch.subarray(0, from + secret.length), {
    outputEncoding: 'latin1',
    outputLength: saltBytes * count,
  })
}

/** Salt of each part of an entry, as receipts disclose them. */
export function readSalts(secret: Uint8Array, parts: Parts): Map<PartLabel, Buffer> {
  const labels = presentLabels(parts)
  const salts = Buffer.from(deriveSalts(secret, labels.length), 'latin1')
  return new Map(
    labels.map((label, n) => [label, salts.subarray(n * saltBytes, (n + 1) * saltBytes)]),
  )
}

/** The entry text of evidence A1: type, time and one salted commitment a part. */
export function formatLeaf(leaf: Leaf): string {
  const labels = presentLabels(leaf.parts)
  const salts = deriveSalts(leaf.secret, labels.length)
  let text = `indelible-entry/v1\ntype ${leaf.type}\ntime ${leaf.received}\n`
  for (let n = 0; n < labels.length; n++) {
    const label = labels[n] as PartLabel // n is below labels.length
    const part = leaf.parts[label] as string // present by choice of labels
    const salt = salts.slice(n * saltBytes, (n + 1) * saltBytes)
    text += `part ${label} ${commitPart(salt, label, part)}\n`
  }
  return text
}

function commitPart(salt: string, label: PartLabel, text: string): string {
  reserve(text.length * 3 + 256)
  let end = scratch.write(`${salt}${partHeader}${label}\n`, 0, 'latin1')
  end += scratch.write(text, end, 'utf8')
  return hash('sha256', scratch.subarray(0, end), 'base64')
}

/** Leaf hash (RFC 6962 §2.1) of an entry. @returns 32 bytes as a latin1 string */
export function hashLeaf(leaf: Leaf): string {
  const text = formatLeaf(leaf)
  reserve(text.length + 1)
  scratch[0] = 0x00
  const end = 1 + scratch.write(text, 1, 'latin1')
  return hash('sha256', scratch.subarray(0, end), 'latin1')
}

function reserve(bytes: number): void {
  if (scratch.length < bytes) scratch = Buffer.allocUnsafe(bytes * 2)
}
