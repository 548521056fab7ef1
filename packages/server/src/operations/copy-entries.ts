import { Edge } from '../ledger/edge.ts'
import { hashLeaf } from '../ledger/leaf.ts'
import { formatFormerKeys } from '../store/rows.ts'
import type { KeptEntry, LogHead, TreeNode } from '../store/store.ts'
import { readIdentity } from '../verify/identity.ts'
import { createTreeReader } from '../verify/tree-reader.ts'
import type { CopySource, CopyTarget } from './copied-store.ts'

/** Entries and characters of one transaction: few round trips, and flat memory. */
const chunkEntriesMax = 4_096
const chunkCharsMax = 8 * 1024 * 1024
/** Entries read at first; then as many as are likely to have half of `chunkCharsMax`. */
const readEntriesMin = 64

/** Entries read from the source and found to be what the source's tree says. */
interface Chunk {
  readonly entries: readonly KeptEntry[]
  readonly ids: readonly string[]
  readonly nodes: readonly TreeNode[]
  readonly from: number
  readonly received: number
  /** Right edge behind the last of them. */
  readonly edge: Uint8Array
}

/**
 * Copies a log from where the target ends up to the source's head, in transactions of a few
 * thousand entries. Each entry's leaf hash is recomputed, and at the end the right edge must be
 * the one that the source's head keeps. A crash leaves the target at the end of a transaction,
 * from where the next run goes on.
 * @param kept the target's head; undefined where it has no such log yet
 * @throws Error with a sentence for the operator where the source is not what its hashes say
 */
export async function copyEntries(options: {
  readonly source: CopySource
  readonly target: CopyTarget
  readonly head: LogHead
  readonly kept: LogHead | undefined
  /** Awaited before more is written. */
  readonly onCopied: (count: number) => Promise<void>
  readonly signal: AbortSignal | undefined
}): Promise<void> {
  const { source, target, head, onCopied, signal } = options
  const { kept } = options
  const begun = kept ?? { ...head, size: 0, received: 0, edge: new Uint8Array(0) }
  // The source may have rotated the key of a log that is copied already.
  if (kept !== undefined && !hasSameKeys(head, kept)) {
    await target.append.transact((transaction) => transaction.saveKeys(head))
  }
  if (kept === undefined && head.size === 0) {
    await target.append.transact((transaction) => transaction.createLog(begun))
  }
  const read = createChunkReader(source, head, begun)
  let next = begun.size < head.size ? read() : undefined
  while (next !== undefined) {
    const chunk = await next
    const size = chunk.from + chunk.entries.length
    // The next one is read while this one is written.
    next = size < head.size ? read() : undefined
    next?.catch(() => undefined) // awaited above; the write may be what fails first
    await writeChunk(target, begun, chunk)
    await onCopied(chunk.entries.length)
    signal?.throwIfAborted()
  }
}

/** Reads a log's entries in order, from the end of `begun` to the end of `head`. */
function createChunkReader(source: CopySource, head: LogHead, begun: LogHead) {
  const { tenant, size: until } = head
  const edge = new Edge(begun.size, begun.edge)
  let { received } = begun
  let readEntries = readEntriesMin
  return async (): Promise<Chunk> => {
    const from = edge.size
    const entries: KeptEntry[] = []
    const ids: string[] = []
    const nodes: TreeNode[] = []
    let chars = 0
    while (edge.size < until && entries.length < chunkEntriesMax && chars < chunkCharsMax) {
      const count = Math.min(readEntries, chunkEntriesMax - entries.length)
      const found = await source.reading.readRange(tenant, edge.size, until, count)
      if (found.length === 0) throw notWhole(head, edge.size, 'is missing')
      for (const entry of found) {
        ids.push(checkEntry(head, entry, edge.size, received))
        received = entry.received
        nodes.push(...edge.append(Buffer.from(entry.hash).toString('latin1')))
        chars += countChars(entry)
        entries.push(entry)
      }
      const charsEach = Math.max(1, chars / entries.length)
      readEntries = Math.max(1, Math.min(chunkEntriesMax, chunkCharsMax / 2 / charsEach) | 0)
    }
    const bytes = edge.toBytes()
    if (edge.size === until && !bytes.equals(head.edge)) {
      throw new Error(
        `${source.name}: the tree of "${tenant}" at size ${until} is not that of its entries: the ` +
          'source was changed. Run "indelible audit" on it; nothing of this log is taken over.',
      )
    }
    return { entries, ids, nodes, from, received, edge: bytes }
  }
}

/** @returns the entry's id */
function checkEntry(head: LogHead, entry: KeptEntry, index: number, received: number): string {
  if (entry.index !== index) throw notWhole(head, index, 'is missing')
  const hash = Buffer.from(entry.hash).toString('latin1')
  if (hashLeaf(entry) !== hash || entry.received < received) {
    throw notWhole(head, index, 'is not what was appended')
  }
  const identity = readIdentity(entry.parts.core)
  if (identity?.tenant !== (head.formerTenant ?? head.tenant)) {
    throw notWhole(head, index, 'does not name its id and its tenant')
  }
  return identity.id
}

const notWhole = ({ tenant }: LogHead, index: number, what: string): Error =>
  new Error(
    `Entry ${index} of "${tenant}" ${what} in the source. Run "indelible audit" on it: a store ` +
      'that was changed is not copied.',
  )

function countChars({ parts }: KeptEntry): number {
  let chars = 256
  for (const text of Object.values(parts)) chars += text?.length ?? 0
  return chars
}

/** @param begun the log as it was made, or was found; the first chunk makes one that is not there */
async function writeChunk(target: CopyTarget, begun: LogHead, chunk: Chunk): Promise<void> {
  const { tenant } = begun
  const { entries, ids, nodes, from, received, edge } = chunk
  await target.append.transact(async (transaction) => {
    const kept = (await transaction.lockHeads([tenant])).get(tenant)
    if (kept === undefined && from === 0) await transaction.createLog(begun)
    else if (kept?.size !== from) {
      throw new Error(`${target.name} is written to by somebody else; only one copy may run.`)
    }
    await transaction.insertEntries(entries, ids)
    if (nodes.length > 0) await transaction.insertNodes(tenant, nodes)
    const size = from + entries.length
    await transaction.saveHead({ ...begun, size, received, edge })
  })
}

/**
 * Whether what the target holds is the beginning of the source's logs.
 * @throws Error with a sentence for the operator
 */
export async function assertPrefix(
  source: CopySource,
  target: CopyTarget,
  heads: readonly LogHead[],
): Promise<void> {
  const known = new Map(heads.map((head) => [head.tenant, head]))
  for (const kept of await target.reading.listLogs()) {
    const { tenant, size, edge } = kept
    const head = known.get(tenant)
    const isSame =
      head !== undefined &&
      isSameLog(head, kept) &&
      size <= head.size &&
      Buffer.compare(
        await createTreeReader(source.audit, tenant).rangeRoot(0, size),
        new Edge(size, edge).root(),
      ) === 0
    if (isSame) continue
    throw new Error(
      `The log of "${tenant}" in ${target.name} (${size} entries) is not the beginning of the ` +
        `one in ${source.name}. Copy into a store that is empty; nothing was changed.`,
    )
  }
}

/** The same log, however long it is, and whatever keys it has had since. */
const isSameLog = (one: LogHead, other: LogHead): boolean =>
  one.tenant === other.tenant &&
  one.origin === other.origin &&
  one.generation >= other.generation &&
  one.formerTenant === other.formerTenant

export const hasSameKeys = (one: LogHead, other: LogHead): boolean =>
  one.origin === other.origin &&
  one.vkey === other.vkey &&
  one.generation === other.generation &&
  formatFormerKeys(one) === formatFormerKeys(other)
