import { hash } from 'node:crypto'
import { type PartLabel, partLabels } from '@indelible/protocol'
import type { Parts } from '../store/store.ts'
import { createDigestInput, type DigestInput } from './digest-input.ts'

/**
 * The leaf of evidence A1, made fast: inputs are put together in place, one-shot digests come back
 * as strings (one into a `Buffer` costs twice as much). `proof` holds an independent
 * implementation; the tests hold the two against each other.
 */

export const secretBytes = 16
const saltBytes = 16
/** Domain separation: the secret is used for salts and nothing else. */
const saltInput = createDigestInput({ fixed: 'indelible-salts/v1\n', at: 0 })

/** How each part is committed to: salt, header, text; and its line in the leaf. */
const forms = partLabels.map((label) => ({
  label,
  line: `part ${label} `,
  input: createDigestInput({ fixed: `indelible-part/v1\n${label}\n`, at: saltBytes }),
}))

/** Where the length is not given, `hash` looks up each time whether the algorithm needs one. */
const toLatin1 = { outputEncoding: 'latin1', outputLength: 32 } as const
const toBase64 = { outputEncoding: 'base64', outputLength: 32 } as const

/** What a leaf commits to. */
export interface Leaf {
  readonly type: string
  /** `received`, Unix milliseconds. */
  readonly received: number
  readonly secret: Uint8Array
  readonly parts: Parts
}

/** Labels of the parts that are present, ascending by byte. */
export function presentLabels(parts: Parts): PartLabel[] {
  return partLabels.filter((label) => parts[label] !== undefined)
}

/**
 * Salts of an entry's parts, 16 bytes each, in the order of their labels: SHAKE256 of the entry's
 * secret, so that one secret is kept instead of a salt for every part.
 * @returns a latin1 string of 16 characters a label
 */
function deriveSalts(secret: Uint8Array, count: number): string {
  saltInput.reserve(secret.length).set(secret, saltInput.start)
  return hash('shake256', saltInput.upTo(saltInput.start + secret.length), {
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
export const formatLeaf = (leaf: Leaf): string => formatInput(leaf).slice(1)

/**
 * Leaf hash (RFC 6962 §2.1) of an entry. A type that someone changed may hold any character: it is
 * hashed as UTF-8, so that none passes for another.
 * @returns 32 bytes as a latin1 string
 */
export const hashLeaf = (leaf: Leaf): string => hash('sha256', formatInput(leaf), toLatin1)

/** What a leaf hash is the digest of: 0x00, then the entry text. */
function formatInput({ type, received, secret, parts }: Leaf): string {
  const salts = deriveSalts(secret, countParts(parts))
  let text = formatStart(type, received)
  let saltAt = 0
  for (const { label, line, input } of forms) {
    const part = parts[label]
    if (part === undefined) continue
    text += `${line}${commitPart(input, part, salts, saltAt)}\n`
    saltAt += saltBytes
  }
  return text
}

let lastStart = { type: '', received: Number.NaN, text: '' }

/** What comes before the parts; entries of one batch have it in common. */
function formatStart(type: string, received: number): string {
  if (lastStart.received !== received || lastStart.type !== type) {
    lastStart = { type, received, text: `\0indelible-entry/v1\ntype ${type}\ntime ${received}\n` }
  }
  return lastStart.text
}

function countParts(parts: Parts): number {
  let count = 0
  for (const { label } of forms) if (parts[label] !== undefined) count++
  return count
}

/** @returns SHA-256(salt ‖ header ‖ text), base64 */
function commitPart(input: DigestInput, text: string, salts: string, saltAt: number): string {
  const bytes = input.reserve(text.length * 3)
  for (let n = 0; n < saltBytes; n++) bytes[n] = salts.charCodeAt(saltAt + n)
  const end = input.start + bytes.write(text, input.start, 'utf8')
  return hash('sha256', input.upTo(end), toBase64)
}
