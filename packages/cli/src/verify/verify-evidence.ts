import { VerificationError, type VerifiedReceipt, verifyReceipt } from '@indelible/proof'
import {
  EvidenceBook,
  type EvidenceFault,
  type Findings,
  isMembers,
  type Members,
} from './evidence-book.ts'
import type { Item } from './receipt-lines.ts'

const manifestFormat = 'indelible-receipts/v1'
/** Receipts checked at once: their signatures are checked by a pool of threads. */
const verifiedAtOnce = 64

async function verifyItem(
  item: Item,
  keys: readonly string[],
): Promise<VerifiedReceipt | EvidenceFault> {
  const { line } = item
  if ('fault' in item) return { line, code: 'receipt-malformed', detail: item.fault }
  try {
    return await verifyReceipt(item.value, keys)
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error
    return { line, code: error.code, detail: error.message }
  }
}

/** A file of plain entries, which hold no proof. */
export class EntriesWithoutProof extends Error {}

/** Evidence under the format of a manifest is no manifest: it would be passed over unverified. */
const isManifest = (value: unknown): value is Members =>
  isMembers(value) && value.format === manifestFormat && !('entry' in value || 'proof' in value)

const isPlainEntry = (value: unknown): boolean =>
  isMembers(value) && isMembers(value.event) && !('proof' in value)

/**
 * Verifies every receipt of a file against pinned keys, and all of them against each other: one
 * log can't have two roots at one size.
 * @throws {EntriesWithoutProof}
 */
export async function verifyEvidence(options: {
  items: AsyncIterable<Item>
  keys: readonly string[]
  onFault: (fault: EvidenceFault) => Promise<void>
  /** Called after every group of receipts with how many were looked at. */
  onProgress: (receipts: number) => void
}): Promise<Findings> {
  const { items, keys, onFault, onProgress } = options
  const book = new EvidenceBook(onFault)
  let group: Item[] = []

  async function settle(): Promise<void> {
    const results = await Promise.all(group.map((item) => verifyItem(item, keys)))
    for (const [at, result] of results.entries()) {
      const line = group[at]?.line ?? 0
      if ('origin' in result) await book.add(line, result)
      else await book.fail(result)
    }
    group = []
    onProgress(book.verified + book.failed)
  }

  for await (const item of items) {
    const value = 'value' in item ? item.value : undefined
    if (isPlainEntry(value)) throw new EntriesWithoutProof()
    if (isManifest(value)) {
      book.manifest = value
      continue
    }
    group.push(item)
    if (group.length === verifiedAtOnce) await settle()
  }
  await settle()
  return book.close()
}
