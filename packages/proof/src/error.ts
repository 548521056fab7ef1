/** Every reason for which evidence is refused. One code, one meaning, for good. */
export const verificationCodes = [
  'entry-malformed',
  'part-malformed',
  'part-mismatch',
  'part-unknown',
  'proof-malformed',
  'inclusion-invalid',
  'consistency-invalid',
  'tree-malformed',
  'note-malformed',
  'key-malformed',
  'key-unknown',
  'signature-invalid',
  'checkpoint-malformed',
  'origin-mismatch',
  'tile-malformed',
  'receipt-malformed',
] as const
export type VerificationCode = (typeof verificationCodes)[number]

/**
 * What was shown is not evidence. The code is for programs; the message is for people and quotes
 * nothing longer than a name from the input, which may be hostile.
 */
export class VerificationError extends Error {
  readonly code: VerificationCode

  constructor(code: VerificationCode, message: string) {
    super(message)
    this.name = 'VerificationError'
    this.code = code
  }
}
