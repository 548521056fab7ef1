import { formatBase64, isCount, parseBase64, parseDecimal } from './bytes.ts'
import { VerificationError } from './error.ts'
import { hashBytes, proofHashesMax } from './tree.ts'

/** An inclusion proof, leaf to root, with its signed checkpoint, verbatim (C2SP tlog-proof). */
export interface TlogProof {
  readonly index: number
  readonly hashes: readonly Uint8Array[]
  readonly checkpoint: string
  /** Not authenticated by anything: never trust it. */
  readonly extra?: Uint8Array
}

const firstLine = 'c2sp.org/tlog-proof@v1'
const proofCharsMax = 2 * 1024 * 1024

const refuse = (why: string) => new VerificationError('proof-malformed', why)

/** Writes a proof; throws `proof-malformed` if the index or the hashes cannot be one's. */
export function formatTlogProof({ index, hashes, checkpoint, extra }: TlogProof): string {
  if (!isCount(index)) throw refuse('An index is a whole number.')
  if (hashes.length > proofHashesMax) throw refuse(`At most ${proofHashesMax} hashes.`)
  if (hashes.some((hash) => hash.length !== hashBytes)) throw refuse('A hash is 32 bytes.')
  const lines = [firstLine]
  if (extra !== undefined) lines.push(`extra ${formatBase64(extra)}`)
  lines.push(`index ${index}`, ...hashes.map(formatBase64))
  return `${lines.join('\n')}\n\n${checkpoint}`
}

/** Reads a proof, without verifying the checkpoint inside; throws `proof-malformed`. */
export function parseTlogProof(text: string): TlogProof {
  if (text.length > proofCharsMax) throw refuse('The proof is too long.')
  // The first empty line ends the proof; the checkpoint has an empty line of its own.
  const end = text.indexOf('\n\n')
  if (end === -1) throw refuse('A proof has an empty line before its checkpoint.')
  const lines = text.slice(0, end).split('\n', proofHashesMax + 4)
  if (lines.shift() !== firstLine) throw refuse(`A proof begins with ${firstLine}.`)
  const extraLine = lines[0]?.startsWith('extra ') ? lines.shift() : undefined
  const indexLine = lines.shift() ?? ''
  const index = parseDecimal(indexLine.replace(/^index /, ''))
  if (!indexLine.startsWith('index ') || index === undefined) throw refuse('A proof has an index.')
  if (lines.length > proofHashesMax) throw refuse(`At most ${proofHashesMax} hashes.`)
  const hashes = lines.map((line) => {
    const hash = parseBase64(line)
    if (hash?.length !== hashBytes) throw refuse('A line is not a hash in base64.')
    return hash
  })
  const proof = { index, hashes, checkpoint: text.slice(end + 2) }
  if (extraLine === undefined) return proof
  const extra = parseBase64(extraLine.slice('extra '.length))
  if (extra === undefined) throw refuse('The extra data is not base64.')
  return { ...proof, extra }
}
