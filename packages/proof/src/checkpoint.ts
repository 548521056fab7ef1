import { equalBytes, formatBase64, isCount, parseBase64, parseDecimal } from './bytes.ts'
import { VerificationError } from './error.ts'
import { signatureTypes, type VerifierKey } from './key.ts'
import { verifyNote } from './note.ts'
import { emptyRoot, hashBytes } from './tree.ts'

/** What a log says of itself at one moment (C2SP tlog-checkpoint). */
export interface Checkpoint {
  readonly origin: string
  readonly size: number
  readonly root: Uint8Array
}

/** A pinned cosigner, and when it saw the checkpoint, Unix seconds. */
export interface Cosigned {
  readonly name: string
  readonly time: number
}

export interface VerifiedCheckpoint extends Checkpoint {
  readonly cosigned: readonly Cosigned[]
}

const refuse = (why: string) => new VerificationError('checkpoint-malformed', why)

/** A checkpoint's text, ready to be signed: three lines, each with its LF, no extension lines. */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  if (!/^\P{Cc}+$/u.test(origin)) throw refuse('An origin is one line.')
  if (!isCount(size)) throw refuse('A size is a whole number.')
  if (root.length !== hashBytes) throw refuse('A root hash is 32 bytes.')
  return `${origin}\n${size}\n${formatBase64(root)}\n`
}

/** Reads a checkpoint's text; extension lines mean nothing. Throws `checkpoint-malformed`. */
export function parseCheckpoint(text: string): Checkpoint {
  const lines = text.split('\n')
  if (lines.pop() !== '' || lines.includes('')) throw refuse('A checkpoint has no empty line.')
  const [origin, sizeLine = '', rootLine = ''] = lines
  const size = parseDecimal(sizeLine)
  const root = parseBase64(rootLine)
  if (origin === undefined) throw refuse('A checkpoint has an origin.')
  if (size === undefined) throw refuse('The second line is the size, in decimal.')
  if (root?.length !== hashBytes) throw refuse('The third line is the root hash, in base64.')
  if (size === 0 && !equalBytes(root, emptyRoot())) throw refuse('Size 0 has another root hash.')
  return { origin, size, root }
}

/**
 * Verifies a signed checkpoint against pinned keys: a log's key, whose name is the log's origin,
 * must have signed it, and whatever other pinned key signed it must have signed it well. Throws as
 * `verifyNote` and `parseCheckpoint` do, and `origin-mismatch` if only others' keys signed it.
 */
export async function verifyCheckpoint(
  note: string,
  keys: readonly VerifierKey[],
): Promise<VerifiedCheckpoint> {
  const { text, verified } = await verifyNote(note, keys)
  const checkpoint = parseCheckpoint(text)
  const logs = verified.filter(({ key }) => key.type === signatureTypes.ed25519)
  if (!logs.some(({ key }) => key.name === checkpoint.origin)) {
    throw new VerificationError('origin-mismatch', 'No pinned key of this log signed this.')
  }
  const cosigned = verified.map(({ key, time }) =>
    time === undefined ? [] : [{ name: key.name, time }],
  )
  return { ...checkpoint, cosigned: cosigned.flat() }
}
