import { VerificationError } from './error.ts'
import { parseVerifierKey, signatureTypes, type VerifierKey } from './key.ts'
import { parseNote, verifyNote } from './note.ts'

const firstLine = 'indelible-key-succession/v1'

/** By what a log's key says which key follows it; `origin` is the name of both. */
export interface Succession {
  readonly origin: string
  /** The vkey that ends, and the one that follows. */
  readonly former: string
  readonly next: string
}

/**
 * The text that both keys sign, as a note. Its second line is no number, so that nobody can take it
 * for a checkpoint.
 */
export const formatSuccession = ({ origin, former, next }: Succession): string =>
  `${firstLine}\n${origin}\n${former}\n${next}\n`

/**
 * Verifies that `former` names the key that follows it. Whoever holds the former key can say so:
 * it is worth what that key was worth at the time. Throws `note-malformed`, `key-malformed`,
 * `signature-invalid`, and `key-unknown` where it is not both keys' word.
 */
export async function verifySuccession(note: string, former: VerifierKey): Promise<VerifierKey> {
  const { text } = parseNote(note)
  const next = parseVerifierKey(text.split('\n')[3] ?? '')
  const said = { origin: former.name, former: former.vkey, next: next.vkey }
  if (text !== formatSuccession(said)) {
    throw new VerificationError('note-malformed', 'This is no succession of that key.')
  }
  const { verified } = await verifyNote(note, [former, next])
  const isKind = next.name === former.name && next.type === signatureTypes.ed25519
  if (isKind && verified.length === 2) return next
  throw new VerificationError('key-unknown', 'A key that follows is named and signed by both.')
}

/**
 * Goes from a pinned key along the successions, oldest first, as far as they lead.
 * @returns the vkeys on the way, the pinned one first; what does not follow is left out
 */
export async function followSuccessions(
  pinned: string,
  successions: readonly string[],
): Promise<readonly string[]> {
  let key = parseVerifierKey(pinned)
  const way = [key.vkey]
  for (const note of successions) {
    const next = await verifySuccession(note, key).catch(() => undefined)
    if (next === undefined) continue
    key = next
    way.push(key.vkey)
  }
  return way
}
