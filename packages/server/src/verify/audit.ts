import { Edge } from '../ledger/edge.ts'
import type { AuditStore, LogHead } from '../store/store.ts'
import type { LogRecord } from './audit-entries.ts'
import { auditLosses, auditRecords } from './audit-evidence.ts'
import { type AuditOptions, auditLog, countProgress, startBefore } from './audit-log.ts'
import { auditSuccession } from './audit-succession.ts'
import { createFindings, type Finding, type Findings } from './finding.ts'

/** What was audited, and what was found: nothing, where all is well. */
export interface AuditReport {
  readonly logs: readonly AuditedLog[]
  /** How many were read. */
  readonly entries: number
  readonly findings: readonly Finding[]
}
export interface AuditedLog {
  readonly tenant: string
  readonly origin: string
  readonly size: number
  /** Hex. */
  readonly root: string
}

/**
 * Audits every log of a store, as it was when this began; a service may go on appending. Reads
 * everything, recomputes everything, and takes nothing the store says on trust; where sizes are
 * given up to which it was `audited`, what was there before is not read again.
 * @throws the signal's reason; what is wrong with the data is never thrown
 */
export async function auditLogs(options: AuditOptions): Promise<AuditReport> {
  return options.audited === undefined ? auditAll(options) : auditGrowth(options, options.audited)
}

async function auditAll(options: AuditOptions): Promise<AuditReport> {
  const { store, guarded = [] } = options
  const { heads, checkpoints, strays } = await store.readSnapshot({ withStrays: true })
  const findings = createFindings()
  const records: LogRecord[] = []
  const progress = countProgress(heads, () => 0, options)
  for (const head of heads) {
    records.push(...(await auditLog({ head, from: 0, checkpoints, findings, progress }, options)))
  }
  findings.add(...auditLosses(heads, guarded, records), ...auditRecords(heads, records))
  findings.add(...(await auditSuccession(store, heads)))
  addStrays(findings, strays)
  return { logs: heads.map(describeLog), entries: progress.total, findings: findings.list() }
}

/** The new entries, the tree over them, and how they fit what was there and what was signed. */
async function auditGrowth(
  options: AuditOptions,
  audited: ReadonlyMap<string, number>,
): Promise<AuditReport> {
  const { store, guarded = [] } = options
  const { heads, checkpoints } = await store.readSnapshot()
  const findings = createFindings()
  const startOf = ({ origin, size }: LogHead) =>
    startBefore(Math.min(audited.get(origin) ?? 0, size))
  const grown = heads.filter(({ origin, size }) => audited.get(origin) !== size)
  const progress = countProgress(grown, startOf, options)
  for (const head of grown) {
    await auditLog({ head, from: startOf(head), checkpoints, findings, progress }, options)
  }
  findings.add(...auditLosses(heads, guarded, []))
  return { logs: heads.map(describeLog), entries: progress.total, findings: findings.list() }
}

function addStrays(
  findings: Findings,
  strays: Awaited<ReturnType<AuditStore['readSnapshot']>>['strays'],
): void {
  for (const { tenant, what, index } of strays) {
    const whose = tenant === undefined ? {} : { tenant }
    if (index === undefined) {
      findings.add({ ...whose, code: 'rows-stray', detail: `The store holds ${what}.` })
    } else {
      const detail = `Entry ${index} lies beyond the end that the log's head keeps.`
      findings.add({ ...whose, index, code: 'entry-beyond-end', detail })
    }
  }
}

export function describeLog({ tenant, origin, size, edge }: LogHead): AuditedLog {
  try {
    return { tenant, origin, size, root: new Edge(size, edge).root().toString('hex') }
  } catch {
    return { tenant, origin, size, root: '' } // a finding says that the edge does not fit
  }
}
