import {
  parseHex,
  type VerificationCode,
  VerificationError,
  type VerifiedReceipt,
  verifyReceipt,
} from '@indelible/proof'
import type { Entry } from '@indelible/protocol'
import { equalJson } from '../details/diff.ts'
import { checkHistory, type LogSources, pinLog, vkeysOf } from './follow-log.ts'
import type { Pin } from './pins.ts'
import {
  type Check,
  CheckFailed,
  createChecklist,
  type ProofFacts,
  type ProofReport,
} from './report.ts'

export interface EntrySources extends LogSources {
  /** The receipt as parsed JSON. @throws CheckFailed `evidence` where the service has none */
  readonly readReceipt: (tenant: string, id: string) => Promise<unknown>
}

const wanted: readonly Check[] = [
  ...(['key', 'evidence', 'parts', 'signature', 'inclusion', 'shown', 'history'] as const),
]

/** Which check each refusal of the trust kernel belongs to. */
const checkOfCode: Readonly<Partial<Record<VerificationCode, Check>>> = {
  'entry-malformed': 'parts',
  'part-malformed': 'parts',
  'part-mismatch': 'parts',
  'part-unknown': 'parts',
  'receipt-malformed': 'evidence',
  'proof-malformed': 'evidence',
  'inclusion-invalid': 'inclusion',
  'consistency-invalid': 'history',
}

/**
 * Verifies one entry as it is shown: its evidence against the pinned key, itself against what the
 * evidence proves, and the log against what this browser saw of it before. Faults on the way, a
 * service that is away for instance, are thrown: they say nothing of the entry.
 */
export async function verifyEntry(entry: Entry, sources: EntrySources): Promise<ProofReport> {
  const { tenant } = entry
  const checklist = createChecklist(wanted)
  let facts: ProofFacts = { tenant }
  try {
    const { pin, found, firstSight } = await pinLog(tenant, sources)
    facts = { ...facts, origin: pin.origin, vkey: pin.vkey, pinned: pin.pinned, firstSight }
    checklist.pass('key', found)
    const receipt = await sources.readReceipt(tenant, entry.event.id)
    checklist.pass('evidence', 'Entry, parts, inclusion proof and signed checkpoint.')
    const proven = await proveReceipt(receipt, pin, checklist)
    facts = { ...facts, ...factsOf(proven) }
    assertShown(entry, proven)
    checklist.pass('shown', 'Index, time received, leaf hash and every member of the event.')
    checklist.pass('history', await checkHistory(treeOf(proven), pin, sources))
    return { status: 'verified', results: checklist.passed(), facts }
  } catch (error) {
    if (!(error instanceof CheckFailed)) throw error
    return { status: 'failed', results: checklist.fail(error), facts }
  }
}

type Checklist = Pick<ReturnType<typeof createChecklist>, 'pass'>

/** The order in which the trust kernel checks a receipt. */
const kernelChecks: readonly Check[] = ['parts', 'signature', 'inclusion']

/**
 * Verifies a receipt against a pin, telling the checklist what passed.
 * @throws CheckFailed
 */
export async function proveReceipt(
  receipt: unknown,
  pin: Pin,
  checklist: Checklist,
): Promise<VerifiedReceipt> {
  try {
    const proven = await verifyReceipt(receipt, vkeysOf(pin))
    if (proven.origin !== pin.origin) {
      throw new CheckFailed('signature', 'The evidence is of another log.')
    }
    passProven(checklist, proven)
    return proven
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error
    const failed = checkOfCode[error.code] ?? 'signature'
    const before = kernelChecks.slice(0, Math.max(0, kernelChecks.indexOf(failed)))
    for (const check of before) checklist.pass(check, 'Sound.')
    throw new CheckFailed(failed, error.message)
  }
}

export function factsOf({ index, size, root, hash, cosigned, parts }: VerifiedReceipt) {
  const undisclosed = parts.filter(({ status }) => status === 'undisclosed')
  return { index, size, root, hash, cosigned, undisclosed: undisclosed.map(({ label }) => label) }
}

function passProven(checklist: Checklist, { parts, index, size }: VerifiedReceipt): void {
  const labels = parts.map(({ label }) => label).join(', ')
  checklist.pass('parts', `SHA-256 with its salt, recomputed: ${labels}.`)
  checklist.pass('signature', `Ed25519, over the tree of size ${size}.`)
  checklist.pass('inclusion', `Entry ${index} of ${size}, from its leaf hash to the root.`)
}

/** All that an entry has: whatever else came along was not proven. */
const members: ReadonlySet<string> = new Set<keyof Entry>([
  ...(['tenant', 'index', 'type', 'received', 'hash', 'event', 'erased'] as const),
])

/** What is said to be erased can't have been shown. */
const isErased = (erased: Entry['erased'], { parts }: VerifiedReceipt): boolean =>
  (erased ?? []).every(({ part }) =>
    parts.some(({ label, status }) => label === part && status === 'undisclosed'),
  )

/**
 * An integer beyond 2^53 is read, and shown, as another one. The service keeps none; from 10^21 on
 * they are written by exponent, as the doubles they are.
 */
function isExact(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).every(isExact)
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return true
  return Number.isFinite(value) && (!Number.isInteger(value) || Math.abs(value) >= 1e21)
}

/** What the reader sees must be what was proven, not what came along with it. */
function assertShown(entry: Entry, proven: VerifiedReceipt): void {
  const differs =
    (entry.index !== proven.index && 'its index') ||
    (entry.hash !== proven.hash && 'its leaf hash') ||
    // By text, since that is what is shown, and `Date.parse` overlooks what stands in brackets.
    (entry.received !== new Date(proven.received).toISOString() && 'the time it was received') ||
    (entry.type !== proven.type && 'its type') ||
    (!equalJson(entry.event, proven.event) && 'the event') ||
    (!isExact(proven.event) && 'a number that no browser can read') ||
    // Or the evidence could be of a log made for it, under the name of this one.
    (entry.tenant !== proven.event?.tenant && 'the log it is in') ||
    (!isErased(entry.erased, proven) && 'what was erased') ||
    (!Object.keys(entry).every((name) => members.has(name)) && 'a member beside the event')
  if (differs === false) return
  throw new CheckFailed('shown', `What the service shows differs from what it proves: ${differs}.`)
}

function treeOf({ size, root }: VerifiedReceipt) {
  const bytes = parseHex(root)
  if (bytes === undefined) throw new Error('The trust kernel writes roots in hexadecimal.')
  return { size, root: bytes }
}
