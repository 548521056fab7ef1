import { equalBytes, formatHex, parseBase64 } from './bytes.ts'
import { type Cosigned, verifyCheckpoint } from './checkpoint.ts'
import { commitPart, hashEntry, type ParsedEntry, parseEntry } from './entry.ts'
import { VerificationError } from './error.ts'
import { parseJson } from './json.ts'
import { parseVerifierKey } from './key.ts'
import { parseTlogProof } from './tlog-proof.ts'
import { verifyInclusion } from './tree.ts'

export const receiptFormat = 'indelible-receipt/v1'

/** A part as it is shown: the salt in base64, and the JSON text exactly as kept. */
export interface ShownPart {
  readonly salt: string
  readonly text: string
}

/**
 * Evidence of one entry, for use offline: the entry's text; parts by label, some of which may be
 * left out (selective disclosure); a C2SP tlog-proof with the signed checkpoint.
 */
export interface Receipt {
  readonly format: typeof receiptFormat
  readonly entry: string
  readonly parts: Readonly<Record<string, ShownPart>>
  readonly proof: string
}

/** A part of the entry: shown, verified and parsed, or only committed to. */
export type VerifiedPart = { readonly label: string } & (
  | { readonly status: 'undisclosed' }
  | { readonly status: 'shown'; readonly text: string; readonly value: unknown }
)

/** What a receipt proves. `received` is in Unix milliseconds; `root` and `hash`, the leaf's, hex. */
export interface VerifiedReceipt {
  /** The log it is in. Nothing else says whose it is: compare it with the one you expect. */
  readonly origin: string
  readonly index: number
  readonly size: number
  readonly root: string
  readonly type: string
  readonly received: number
  readonly hash: string
  readonly cosigned: readonly Cosigned[]
  /** Every part the entry has, ascending by label. */
  readonly parts: readonly VerifiedPart[]
  /** Of an event whose `core` is shown: the members of `core`, and the other parts shown. */
  readonly event?: Readonly<Record<string, unknown>>
}

const refuse = (why: string) => new VerificationError('receipt-malformed', why)

/**
 * Verifies a receipt: its parts against its entry, its entry against its proof, its proof against
 * pinned keys (vkeys of its log, and of the cosigners one wants to hear of). The receipt is parsed
 * JSON that an attacker may have written: nothing in it is trusted. Throws what is wrong with it.
 */
export async function verifyReceipt(
  receipt: unknown,
  keys: readonly string[],
): Promise<VerifiedReceipt> {
  const pinned = keys.map(parseVerifierKey)
  const { entry, parts: shown, proof } = parseReceipt(receipt)
  const parsed = parseEntry(entry)
  const { type, time: received } = parsed
  const parts = verifyParts(shown, parsed)
  const { index, hashes, checkpoint } = parseTlogProof(proof)
  const { origin, size, root, cosigned } = await verifyCheckpoint(checkpoint, pinned)
  const leafHash = hashEntry(entry)
  verifyInclusion({ index, size, leafHash, hashes, root })
  const event = type === 'event' ? assembleEvent(parts) : undefined
  const head = { origin, index, size, root: formatHex(root), type, received }
  const verified = { ...head, hash: formatHex(leafHash), cosigned, parts }
  return event === undefined ? verified : { ...verified, event }
}

/** Takes a receipt's JSON apart, without verifying it; throws `receipt-malformed`. */
export function parseReceipt(receipt: unknown): Receipt {
  const members = readMembers(receipt, 'A receipt', ['format', 'entry', 'parts', 'proof'])
  const { format, entry, proof } = members
  if (format !== receiptFormat) throw refuse(`The format of a receipt is ${receiptFormat}.`)
  if (typeof entry !== 'string') throw refuse('A receipt has the text of an entry.')
  if (typeof proof !== 'string') throw refuse('A receipt has the text of a proof.')
  const parts = Object.entries(readObject(members.parts, 'The parts of a receipt'))
  const shown = parts.map(([label, part]) => [label, parseShownPart(part)] as const)
  return { format, entry, parts: Object.fromEntries(shown), proof }
}

function parseShownPart(part: unknown): ShownPart {
  const { salt, text } = readMembers(part, 'A part', ['salt', 'text'])
  if (typeof salt === 'string' && typeof text === 'string') return { salt, text }
  throw refuse('A part has a salt in base64 and a text.')
}

function readObject(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw refuse(`${what} must be an object.`)
  }
  // Copied: own enumerable members only, whatever their names.
  return Object.fromEntries(Object.entries(value))
}

/** An object's members, refusing one that nobody would check. */
function readMembers(value: unknown, what: string, known: readonly string[]) {
  const members = readObject(value, what)
  const unknown = Object.keys(members).find((name) => !known.includes(name))
  if (unknown === undefined) return members
  throw refuse(`${what} has no member ${JSON.stringify(unknown.slice(0, 64))}.`)
}

function verifyParts(shown: Receipt['parts'], { commitments }: ParsedEntry): VerifiedPart[] {
  const foreign = Object.keys(shown).find((label) => !commitments.has(label))
  if (foreign !== undefined) {
    const name = JSON.stringify(foreign.slice(0, 64))
    throw new VerificationError('part-unknown', `The entry has no part ${name}.`)
  }
  return Array.from(commitments, ([label, commitment]) => {
    const part = Object.hasOwn(shown, label) ? shown[label] : undefined
    if (part === undefined) return { label, status: 'undisclosed' }
    return verifyPart(label, part, commitment)
  })
}

function verifyPart(label: string, part: ShownPart, commitment: Uint8Array): VerifiedPart {
  const { salt, text } = part
  const bytes = parseBase64(salt)
  if (bytes === undefined) throw refuse(`The salt of part ${label} is not base64.`)
  if (!equalBytes(commitPart(label, text, bytes), commitment)) {
    throw new VerificationError('part-mismatch', `Part ${label} is not what was committed to.`)
  }
  return { label, status: 'shown', text, value: parsePart(label, text) }
}

function parsePart(label: string, text: string): unknown {
  try {
    return parseJson(text)
  } catch {
    const why = `The text of part ${label} is not JSON, or names a member twice.`
    throw new VerificationError('part-malformed', why)
  }
}

function assembleEvent(parts: readonly VerifiedPart[]): Record<string, unknown> | undefined {
  const shown = parts.filter((part) => part.status === 'shown')
  const core = shown.find(({ label }) => label === 'core')
  if (core === undefined) return undefined
  const members = new Map(Object.entries(readObject(core.value, 'The core of an event')))
  // A log could otherwise hide a part and show another in its place.
  const double = parts.find(({ label }) => members.has(label))
  if (double !== undefined) {
    throw new VerificationError('part-malformed', `The core holds a part's name: ${double.label}.`)
  }
  for (const { label, value } of shown) if (label !== 'core') members.set(label, value)
  return Object.fromEntries(members)
}
