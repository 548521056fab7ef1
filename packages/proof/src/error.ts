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

/** What was shown is no evidence. Of the input, which may be hostile, the message quotes little. */
export class VerificationError extends Error {
  readonly code: VerificationCode

  constructor(code: VerificationCode, message: string) {
    super(message)
    this.name = 'VerificationError'
    this.code = code
  }
}
