import { concatBytes, encodeUtf8, formatBase64, isCount, parseBase64 } from './bytes.ts'
import { VerificationError } from './error.ts'
import { sha256 } from './sha256.ts'
import { hashBytes, hashLeaf } from './tree.ts'

export const saltBytes = 16
export const partsMax = 16
/** More than the longest entry there can be: what is longer is refused unread. */
const entryCharsMax = 2_048

const firstLine = 'indelible-entry/v1'
const namePattern = /^[a-z][a-z0-9-]{0,30}$/

/**
 * The entry, the short text that is a leaf of the tree: when the ledger received what (Unix
 * milliseconds), and a salted commitment to each part, by label, `core` always. It holds no
 * payload, so that a part can be disclosed, or erased, alone.
 */
export interface EntryFields {
  readonly type: string
  readonly time: number
  readonly commitments: Readonly<Record<string, Uint8Array>>
}

/** An entry as read; labels ascending. */
export interface ParsedEntry extends Omit<EntryFields, 'commitments'> {
  readonly commitments: ReadonlyMap<string, Uint8Array>
}

const refuse = (why: string) => new VerificationError('entry-malformed', why)

/** The text of an entry, labels ascending by byte; throws `entry-malformed`. */
export function formatEntry({ type, time, commitments }: EntryFields): string {
  if (!namePattern.test(type)) throw refuse('An entry has a type of lower-case letters.')
  if (!isCount(time)) throw refuse('The time of an entry is in whole milliseconds.')
  const labels = Object.keys(commitments).sort()
  if (labels.length > partsMax) throw refuse(`An entry has at most ${partsMax} parts.`)
  if (!labels.includes('core')) throw refuse('An entry has a part `core`.')
  let text = `${firstLine}\ntype ${type}\ntime ${time}\n`
  for (const label of labels) {
    const commitment = commitments[label]
    if (!namePattern.test(label)) throw refuse('A part has a label of lower-case letters.')
    if (commitment?.length !== hashBytes) throw refuse('A commitment is 32 bytes.')
    text += `part ${label} ${formatBase64(commitment)}\n`
  }
  return text
}

/** Reads an entry, only as `formatEntry` writes it; throws `entry-malformed`. */
export function parseEntry(text: string): ParsedEntry {
  if (text.length > entryCharsMax) throw refuse('The entry is too long.')
  const [first, typeLine = '', timeLine = '', ...rest] = text.split('\n')
  if (first !== firstLine) throw refuse(`An entry begins with ${firstLine}.`)
  const type = typeLine.slice('type '.length)
  const time = Number(timeLine.slice('time '.length))
  const commitments = new Map<string, Uint8Array>()
  for (const line of rest.slice(0, -1)) {
    const [, label, base64 = ''] = line.split(' ')
    const commitment = parseBase64(base64)
    if (label === undefined || commitment === undefined) throw refuse('A line is not of a part.')
    commitments.set(label, commitment)
  }
  // The loose reading above is made strict here: only the one text of these fields is equal.
  if (formatEntry({ type, time, commitments: Object.fromEntries(commitments) }) !== text) {
    throw refuse('The entry is not written as it must be.')
  }
  return { type, time, commitments }
}

/**
 * Commitment to a part: SHA-256(salt ‖ "indelible-part/v1\n" ‖ label ‖ "\n" ‖ text). The text is
 * the JSON exactly as kept, or its UTF-8 bytes. Throws `part-malformed`.
 */
export function commitPart(label: string, text: string | Uint8Array, salt: Uint8Array): Uint8Array {
  // UTF-8 has no lone surrogates: two different texts would get one commitment.
  const isText = typeof text !== 'string' || text.isWellFormed()
  if (!namePattern.test(label) || salt.length !== saltBytes || !isText) {
    throw new VerificationError('part-malformed', 'No part has such a label, salt or text.')
  }
  const bytes = typeof text === 'string' ? encodeUtf8(text) : text
  return sha256(concatBytes(salt, encodeUtf8(`indelible-part/v1\n${label}\n`), bytes))
}

/** Leaf hash of an entry's text: what every read returns as `hash`. */
export const hashEntry = (text: string): Uint8Array => hashLeaf(encodeUtf8(text))
