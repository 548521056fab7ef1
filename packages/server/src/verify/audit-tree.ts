import { limits } from '@indelible/protocol'
import { messageOf } from '../base/message-of.ts'
import { Edge } from '../ledger/edge.ts'
import type { AuditStore, LogHead } from '../store/store.ts'
import type { Finding } from './finding.ts'
import { createTreeReader, largestPowerUpTo } from './tree-reader.ts'

/**
 * Audits what is above the 256-wide subtrees: each higher subtree against the hashes below it, and
 * the right edge that the log's head keeps against the tree.
 * @param from subtrees that end before this entry are passed over
 */
export async function auditTree(
  store: AuditStore,
  head: LogHead,
  from: number,
): Promise<Finding[]> {
  return [...(await checkHigherLevels(store, head, from)), ...(await checkEdge(store, head))]
}

async function checkHigherLevels(
  store: AuditStore,
  { tenant, size }: LogHead,
  from: number,
): Promise<Finding[]> {
  const tree = createTreeReader(store, tenant)
  const findings: Finding[] = []
  const width = limits.tileWidth
  for (let level = 2, span = width ** 2; span <= size; level++, span *= width) {
    for (let n = Math.floor(from / span); n < Math.floor(size / span); n++) {
      const [index, until] = [n * span, (n + 1) * span]
      try {
        const kept = await store.readNodes(tenant, level, n, n + 1)
        const half = span / 2
        const folded = await tree.rangeRoot(index, index + half)
        const other = await tree.rangeRoot(index + half, until)
        if (isNodeOver(kept, folded, other)) continue
        findings.push(describeTree(tenant, index, until, 'is not the tree of the hashes below it'))
      } catch (error) {
        findings.push(describeTree(tenant, index, until, `can't be read: ${messageOf(error)}`))
      }
    }
  }
  return findings
}

function describeTree(tenant: string, index: number, until: number, what: string): Finding {
  const detail = `The tree kept over entries ${index} to ${until - 1} ${what}.`
  return { tenant, index, until, code: 'tree-changed', detail }
}

function isNodeOver(kept: Uint8Array, left: Uint8Array, right: Uint8Array): boolean {
  const pair = new Edge(1, left)
  pair.append(Buffer.from(right).toString('latin1'))
  return pair.root().equals(kept)
}

/** The edge is the roots of the perfect subtrees of the size; the first that differs is named. */
async function checkEdge(store: AuditStore, head: LogHead): Promise<Finding[]> {
  const { tenant, size } = head
  const tree = createTreeReader(store, tenant)
  const describe = (index: number, until: number, why: string): Finding => {
    const detail = `The right edge that the head keeps for entries ${index} to ${until - 1} ${why}.`
    return { tenant, index, until, code: 'head-changed', detail }
  }
  try {
    new Edge(size, head.edge)
  } catch (error) {
    return [{ tenant, code: 'head-changed', detail: messageOf(error) }]
  }
  let at = 0
  for (let from = 0; from < size; ) {
    const until = from + largestPowerUpTo(size - from)
    const kept = head.edge.subarray(at, at + 32)
    try {
      const root = await tree.rangeRoot(from, until)
      if (Buffer.compare(root, kept) !== 0) {
        return [describe(from, until, 'is not the one of the tree')]
      }
    } catch (error) {
      return [describe(from, until, `can't be compared: ${messageOf(error)}`)]
    }
    from = until
    at += 32
  }
  return []
}
