import { concatBytes, encodeUtf8, equalBytes, formatBase64, isCount, parseBase64 } from './bytes.ts'
import { VerificationError } from './error.ts'
import { isKeyName, keyIdBytes, signatureTypes, type VerifierKey } from './key.ts'

/** Signature lines of one note, at most; the specification asks for 16 or more. */
export const signaturesMax = 100
/** Characters of one note, at most: 100 post-quantum signatures and a long text. */
const noteCharsMax = 1024 * 1024
const timeBytes = 8
const dash = '\u2014'

export interface NoteSignature {
  readonly name: string
  readonly keyId: Uint8Array
  /** What follows the key ID; its shape depends on the key's type. */
  readonly signature: Uint8Array
}

/** A note taken apart. Its text ends in LF, and is not to be believed before it is verified. */
export interface ParsedNote {
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

/** A key whose signature over the note is good; of a cosignature its time, Unix seconds. */
export interface VerifiedSignature {
  readonly key: VerifierKey
  readonly time?: number
}

export interface VerifiedNote {
  readonly text: string
  readonly verified: readonly VerifiedSignature[]
}

const refuse = (why: string) => new VerificationError('note-malformed', why)

/** Takes a C2SP signed note apart, without verifying it; throws `note-malformed`. */
export function parseNote(note: string): ParsedNote {
  if (note.length > noteCharsMax) throw refuse('The note is too long.')
  if (!note.isWellFormed()) throw refuse('The note is not Unicode.')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be in it
  if (/[\0-\x09\x0b-\x1f]/.test(note)) throw refuse('The note holds a control character.')
  // The last empty line: the text may hold empty lines of its own.
  const end = note.lastIndexOf('\n\n')
  if (end === -1) throw refuse('A note has an empty line before its signatures.')
  const lines = note.slice(end + 2).split('\n', signaturesMax + 1)
  if (lines.pop() !== '') throw refuse(`A note has 1 to ${signaturesMax} whole signature lines.`)
  if (lines.length === 0) throw refuse('The note is not signed.')
  return { text: note.slice(0, end + 1), signatures: lines.map(parseSignatureLine) }
}

function parseSignatureLine(line: string): NoteSignature {
  const [lead, name = '', base64 = '', ...more] = line.split(' ')
  const bytes = parseBase64(base64)
  if (lead !== dash || more.length > 0 || !isKeyName(name)) throw refuse('A line is no signature.')
  if (bytes === undefined || bytes.length <= keyIdBytes) throw refuse('A signature is not base64.')
  return { name, keyId: bytes.slice(0, keyIdBytes), signature: bytes.slice(keyIdBytes) }
}

/** One signature line with its LF: append it to the text and an empty line, or to a note. */
export function formatSignatureLine(name: string, keyId: Uint8Array, signature: Uint8Array) {
  if (!isKeyName(name) || keyId.length !== keyIdBytes) throw refuse('No key has such a name.')
  return `${dash} ${name} ${formatBase64(concatBytes(keyId, signature))}\n`
}

/** What a cosignature/v1 signs: the time, Unix seconds, and the whole text of the note. */
export const cosignedMessage = (seconds: number, text: string): Uint8Array =>
  encodeUtf8(`cosignature/v1\ntime ${seconds}\n${text}`)

/** The bytes of a cosignature/v1 line behind the key ID: u64 seconds, big-endian, then Ed25519. */
export function formatCosignature(seconds: number, signature: Uint8Array): Uint8Array {
  const time = new Uint8Array(timeBytes)
  new DataView(time.buffer).setBigUint64(0, BigInt(seconds))
  return concatBytes(time, signature)
}

/**
 * Verifies a note against pinned keys. Lines of unknown keys are ignored; every line of a known
 * key must be good. Each key is listed once however often it signed, so that a quorum counts keys;
 * a cosigner's latest time is kept. Throws `note-malformed`, `signature-invalid`, and `key-unknown`
 * if none of the keys signed it.
 */
export async function verifyNote(
  note: string,
  keys: readonly VerifierKey[],
): Promise<VerifiedNote> {
  const { text, signatures } = parseNote(note)
  const verified = new Map<string, VerifiedSignature>()
  for (const signature of signatures) {
    const { name, keyId } = signature
    const key = keys.find((pinned) => pinned.name === name && equalBytes(pinned.keyId, keyId))
    if (key === undefined) continue
    const found = await verifySignature(signature, key, text)
    const before = verified.get(key.vkey)
    if ((before?.time ?? -1) < (found.time ?? 0)) verified.set(key.vkey, found)
  }
  if (verified.size === 0) {
    throw new VerificationError('key-unknown', 'None of the pinned keys signed this note.')
  }
  return { text, verified: [...verified.values()] }
}

async function verifySignature(line: NoteSignature, key: VerifierKey, text: string) {
  const refuseLine = (why: string) =>
    new VerificationError('signature-invalid', `A signature of ${key.name} ${why}`)
  const isCosignature = key.type === signatureTypes.cosignature
  const time = isCosignature ? parseTime(line.signature) : undefined
  if (isCosignature && time === undefined) throw refuseLine('has no time.')
  const signature = line.signature.slice(isCosignature ? timeBytes : 0)
  if (signature.length !== 64) throw refuseLine('has not the length of one.')
  const message = time === undefined ? encodeUtf8(text) : cosignedMessage(time, text)
  if (!(await isSigned(key, signature, message))) throw refuseLine('is not of this text.')
  return time === undefined ? { key } : { key, time }
}

/** The u64 of seconds at the beginning; undefined beyond 2^53 − 1, long after the Sun is gone. */
function parseTime(signature: Uint8Array): number | undefined {
  if (signature.length < timeBytes) return undefined
  const view = new DataView(signature.buffer, signature.byteOffset, timeBytes)
  const seconds = view.getUint32(0) * 2 ** 32 + view.getUint32(4)
  return isCount(seconds) ? seconds : undefined
}

async function isSigned({ publicKey }: VerifierKey, signature: Uint8Array, message: Uint8Array) {
  // Copies, because WebCrypto's types want bytes that no other thread can share.
  const key = await crypto.subtle.importKey('raw', publicKey.slice(), 'Ed25519', false, ['verify'])
  return crypto.subtle.verify('Ed25519', key, signature.slice(), message.slice())
}
