import { messageOf } from '../base/message-of.ts'
import { Edge } from '../ledger/edge.ts'
import type { AuditStore, LogHead } from '../store/store.ts'
import type { Finding } from './finding.ts'

/** What a `continuation` says of the log before it (ledger/new-generation.ts writes it). */
interface Continued {
  readonly origin: string
  readonly size: number
  readonly root: string
}

/**
 * A log that has ended is frozen by the log that followed it: its first entry, a `continuation`,
 * names the origin, the size and the root that were left.
 */
export async function auditSuccession(
  store: AuditStore,
  heads: readonly LogHead[],
): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const ended of heads) {
    if (ended.formerTenant === undefined) continue
    const followers = heads.filter(
      (head) =>
        (head.formerTenant ?? head.tenant) === ended.formerTenant &&
        head.generation > ended.generation,
    )
    const continued = await readContinued(store, followers)
    const why = compare(ended, continued)
    if (why === undefined) continue
    const detail = `The log "${ended.tenant}" has ended, and ${why}.`
    findings.push({ tenant: ended.tenant, code: 'log-succession-broken', detail })
  }
  return findings
}

function compare(ended: LogHead, continued: readonly (Continued | string)[]): string | undefined {
  const about = continued.find((of) => typeof of !== 'string' && of.origin === ended.origin)
  if (about === undefined || typeof about === 'string') {
    const faults = continued.filter((of) => typeof of === 'string')
    return `no log continues it${faults.length === 0 ? '' : `: ${faults.join('; ')}`}`
  }
  const root = rootOf(ended)
  if (about.size === ended.size && about.root === root) return undefined
  return (
    `it was continued from size ${about.size} with the root ${about.root}; the store has size ` +
    `${ended.size} and root ${root}`
  )
}

function rootOf({ size, edge }: LogHead): string {
  try {
    return new Edge(size, edge).root().toString('hex')
  } catch {
    return 'unknown'
  }
}

async function readContinued(store: AuditStore, heads: readonly LogHead[]) {
  const found: (Continued | string)[] = []
  for (const { tenant } of heads) {
    try {
      const [entry] = await store.readPlaced(tenant, 0, 1)
      if (entry?.type !== 'continuation') found.push(`"${tenant}" begins with no continuation`)
      else found.push(...(JSON.parse(entry.parts.core).continues as Continued[])) // its leaf is checked
    } catch (error) {
      found.push(`"${tenant}" can't be read: ${messageOf(error)}`)
    }
  }
  return found
}
