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
  /** Those of `found` that audits of growth added, which an audit that began before can't refute. */
  readonly later?: readonly LaterFinding[]
}
export interface SummarisedLog {
  readonly tenant: string
  /** Missing in a summary that an earlier version kept. */
  readonly origin?: string
  readonly size: number
  readonly findings: number
}

export interface LaterFinding extends Finding {
  /** When it was found, Unix milliseconds. */
  readonly time: number
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
    logs: logs.map(({ tenant, origin, size }) => {
      return { tenant, origin, size, findings: byTenant.get(tenant)?.length ?? 0 }
    }),
    isWhole: !findings.some(({ code }) => unboundedCodes.includes(code)),
  }
}

/** A summary that tells these findings, too: those that it does not tell yet, and how many they were. */
export function addFindings(
  summary: AuditSummary,
  findings: readonly LaterFinding[],
): { readonly summary: AuditSummary; readonly added: readonly LaterFinding[] } {
  const { later = [], found } = summary
  const told = new Set(found.map(nameFinding))
  const added = findings
    .filter((finding) => !told.has(nameFinding(finding)))
    .slice(0, Math.max(0, foundMax - later.length))
  const count = (of: string) => added.filter(({ tenant }) => tenant === of).length
  return {
    added,
    summary: {
      ...summary,
      findings: summary.findings + added.length,
      found: [...added, ...found],
      logs: summary.logs.map((log) => ({ ...log, findings: log.findings + count(log.tenant) })),
      later: [...later, ...added],
    },
  }
}

/** The same fault of one place is one finding, in whatever words. */
const nameFinding = ({ tenant, index, until, code }: Finding): string =>
  JSON.stringify([tenant, index, until, code])
