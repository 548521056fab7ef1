import {
  parseJson,
  parseNote,
  parseReceipt,
  parseTlogProof,
  VerificationError,
  type VerifiedReceipt,
} from '@indelible/proof'
import type { Pin } from './pins.ts'
import { type Check, CheckFailed, createChecklist, type ProofReport } from './report.ts'
import { factsOf, proveReceipt } from './verify-entry.ts'

const wanted: readonly Check[] = ['file', 'key', 'parts', 'signature', 'inclusion']

/** What a receipt's file proves, if all of it was proven. */
export interface FileReport {
  readonly report: ProofReport
  readonly proven?: VerifiedReceipt
}

/**
 * Verifies a receipt that somebody handed over, against a key that this browser pinned by itself:
 * nothing is asked of the service.
 * @param findPin the pin of the log that a checkpoint names
 */
export async function verifyReceiptFile(
  text: string,
  findPin: (origin: string) => Pin | undefined,
): Promise<FileReport> {
  const checklist = createChecklist(wanted)
  let facts: ProofReport['facts'] = { tenant: '' }
  try {
    const { receipt, origin } = readReceipt(text)
    checklist.pass('file', 'Entry, parts, inclusion proof and signed checkpoint.')
    facts = { ...facts, origin }
    const pin = findPin(origin)
    if (pin === undefined) {
      throw new CheckFailed('key', `It names the log ${origin}, whose key this browser never saw.`)
    }
    facts = { tenant: pin.tenant, origin, vkey: pin.vkey, pinned: pin.pinned }
    checklist.pass('key', `Pinned by this browser on ${pin.pinned.slice(0, 10)}.`)
    const proven = await proveReceipt(receipt, pin, checklist)
    facts = { ...facts, ...factsOf(proven) }
    return { report: { status: 'verified', results: checklist.passed(), facts }, proven }
  } catch (error) {
    if (!(error instanceof CheckFailed)) throw error
    const failed = error.check === 'evidence' ? new CheckFailed('file', error.message) : error
    return { report: { status: 'failed', results: checklist.fail(failed), facts } }
  }
}

/** @throws CheckFailed `file` */
function readReceipt(text: string): { readonly receipt: unknown; readonly origin: string } {
  try {
    const receipt = parseJson(text)
    const { checkpoint } = parseTlogProof(parseReceipt(receipt).proof)
    // A claim, until the key pinned under that name has verified the signature.
    const [origin = ''] = parseNote(checkpoint).text.split('\n', 1)
    return { receipt, origin }
  } catch (error) {
    if (error instanceof VerificationError) throw new CheckFailed('file', error.message)
    if (error instanceof SyntaxError)
      throw new CheckFailed('file', `It is no JSON: ${error.message}.`)
    throw error
  }
}
