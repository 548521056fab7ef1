import { formatTlogProof, type Receipt, receiptFormat } from '@indelible/proof'
import type { PartLabel } from '@indelible/protocol'
import { formatLeaf, readSalts } from '../ledger/leaf.ts'
import type { KeptEntry, StoredCheckpoint } from '../store/store.ts'
import { proveInclusion } from './prove.ts'
import type { TreeReader } from './tree-reader.ts'

/**
 * Offline evidence of one entry (evidence A3).
 * @param tree of the entry's log. @param checkpoint covers the entry: its size is above the entry's index
 * @param disclosed labels to disclose; undefined for all. The others stay committed to.
 */
export async function createReceipt(
  tree: TreeReader,
  kept: KeptEntry,
  checkpoint: StoredCheckpoint,
  disclosed?: readonly PartLabel[],
): Promise<Receipt> {
  const hashes = await proveInclusion(tree, kept.index, checkpoint.size)
  const parts: Record<string, { salt: string; text: string }> = {}
  for (const [label, salt] of readSalts(kept.secret, kept.parts)) {
    const text = kept.parts[label]
    if (text === undefined || disclosed?.includes(label) === false) continue
    parts[label] = { salt: salt.toString('base64'), text }
  }
  return {
    format: receiptFormat,
    entry: formatLeaf(kept),
    parts,
    proof: formatTlogProof({ index: kept.index, hashes, checkpoint: checkpoint.note }),
  }
}
