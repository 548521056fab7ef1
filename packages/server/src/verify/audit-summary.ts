import type { AuditReport } from './audit.ts'
import type { Finding } from './finding.ts'

/** What is kept of an audit: the newest one in full, each as a record in `_system` without `logs`. */
export interface AuditSummary {
  /** Unix milliseconds, as `ended` is. */
  readonly started: number
  readonly ended: number
  readonly entries: number
  /** How many in all. */
  readonly findings: number
  /** Some of them, of each log. */
  readonly found: readonly Finding[]
  readonly logs: readonly SummarisedLog[]
  /** False where the audit could not look at everything, or found more than it can list. */
  readonly isWhole: boolean
}
export interface SummarisedLog {
  readonly tenant: string
  readonly size: number
  readonly findings: number
}

/** Whoever has a thousand findings restores a backup; the first few say where to begin. */
const foundOfOneLogMax = 10
/** A record stays far below what an event may have. */
const foundMax = 100

/** Findings that say of every log that it may have more. */
const unboundedCodes: readonly string[] = ['store-unreadable', 'findings-omitted']

export function summariseAudit(
  { logs, entries, findings }: AuditReport,
  times: { readonly started: number; readonly ended: number },
): AuditSummary {
  const byTenant = Map.groupBy(findings, ({ tenant }) => tenant)
  const found = [...byTenant.values()].flatMap((of) => of.slice(0, foundOfOneLogMax))
  return {
    ...times,
    entries,
    findings: findings.length,
    found: found.slice(0, foundMax),
    logs: logs.map(({ tenant, size }) => {
      return { tenant, size, findings: byTenant.get(tenant)?.length ?? 0 }
    }),
    isWhole: !findings.some(({ code }) => unboundedCodes.includes(code)),
  }
}
