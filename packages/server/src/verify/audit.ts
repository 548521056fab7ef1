import { limits } from '@indelible/protocol'
import { Edge } from '../ledger/edge.ts'
import type { GuardState } from '../store/guard.ts'
import type { AuditStore, LogHead } from '../store/store.ts'
import type { Stretch } from './audit-blocks.ts'
import { compareNeighbours, type LogRecord, type StretchReport } from './audit-entries.ts'
import {
  auditCheckpoint,
  auditGuard,
  auditLosses,
  auditRecords,
  type TrustedKeys,
} from './audit-evidence.ts'
import { auditSuccession } from './audit-succession.ts'
import { auditTree } from './audit-tree.ts'
import { createFindings, type Finding, type Findings } from './finding.ts'

/** What was audited, and what was found: nothing, where all is well. */
export interface AuditReport {
  readonly logs: readonly AuditedLog[]
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

export interface AuditOptions {
  readonly store: AuditStore
  /** The publisher's memory, read before this is called; undefined where there is none to compare. */
  readonly guarded: readonly GuardState[] | undefined
  /** Whether the guard knows a log by now: it may have been made after `guarded` was read. */
  readonly isGuarded?: (origin: string) => Promise<boolean>
  readonly trusted: TrustedKeys
  /** Audits a stretch of entries, here or in another thread. */
  readonly auditEntries: (stretch: Stretch) => Promise<StretchReport>
  /** Stretches that may be under way at once. */
  readonly concurrency: number
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void
  readonly signal?: AbortSignal
}

/** Entries of one stretch: handing it out costs little, and four times as many cost the cache. */
const stretchEntries = 4 * limits.tileWidth

/**
 * Audits every log of a store, as it was when this began; a service may go on appending. Reads
 * everything, recomputes everything, and takes nothing the store says on trust.
 * @throws the signal's reason; what is wrong with the data is never thrown
 */
export async function auditLogs(options: AuditOptions): Promise<AuditReport> {
  const { store, guarded, trusted, onProgress, signal } = options
  const { heads, checkpoints, strays } = await store.readSnapshot()
  const findings = createFindings()
  const records: LogRecord[] = []
  const total = heads.reduce((sum, { size }) => sum + size, 0)
  let done = 0
  for (const head of heads) {
    const { tenant } = head
    for await (const { report, count } of auditStretches(head, options)) {
      records.push(...report.records)
      findings.add(...report.findings)
      done += count
      onProgress?.({ done, total })
      signal?.throwIfAborted()
    }
    findings.add(...(await auditTree(store, head)))
    const checkpoint = checkpoints.find((kept) => kept.tenant === tenant)
    findings.add(...(await auditCheckpoint(store, head, checkpoint, trusted)))
    if (guarded !== undefined) {
      const state = guarded.find(({ origin }) => origin === head.origin)
      const isNew = state === undefined && (await options.isGuarded?.(head.origin)) === true
      if (!isNew) findings.add(...(await auditGuard(store, head, state, checkpoint)))
    }
  }
  findings.add(...auditLosses(heads, guarded ?? [], records), ...auditRecords(heads, records))
  findings.add(...(await auditSuccession(store, heads)))
  addStrays(findings, strays)
  return { logs: heads.map(describeLog), entries: total, findings: findings.list() }
}

/** Reports of a log's stretches in order, several of them under way at once. */
async function* auditStretches(head: LogHead, options: AuditOptions) {
  const { tenant, size } = head
  const names = head.formerTenant ?? tenant
  const underWay: { stretch: Stretch; report: Promise<StretchReport> }[] = []
  let previous: StretchReport | undefined
  let from = 0
  while (from < size || underWay.length > 0) {
    while (from < size && underWay.length < options.concurrency) {
      const stretch = { tenant, names, from, until: Math.min(from + stretchEntries, size) }
      const report = options.auditEntries(stretch)
      report.catch(() => undefined) // awaited below; an earlier one may be thrown first
      underWay.push({ stretch, report })
      from = stretch.until
    }
    const next = underWay.shift()
    if (next === undefined) return
    const report = await next.report
    const isLast = next.stretch.until === size
    const joint = checkJoint(head, previous, report, isLast)
    previous = report
    const count = next.stretch.until - next.stretch.from
    yield { count, report: { ...report, findings: [...joint, ...report.findings] } }
  }
}

/** Where two stretches meet, and where the last one meets the head. */
function checkJoint(
  { tenant, received }: LogHead,
  before: StretchReport | undefined,
  { edges }: StretchReport,
  isLast: boolean,
): Finding[] {
  const findings: Finding[] = []
  if (before?.edges !== undefined && edges !== undefined) {
    findings.push(...compareNeighbours(tenant, before.edges.last, edges.first))
  }
  if (isLast && edges !== undefined && edges.last.received !== received) {
    const detail = 'The head does not keep the time of the last entry.'
    findings.push({ tenant, code: 'head-changed', detail })
  }
  return findings
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
