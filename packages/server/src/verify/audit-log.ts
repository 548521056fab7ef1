import { limits } from '@indelible/protocol'
import type { GuardState } from '../store/guard.ts'
import type { AuditStore, LogHead, StoredCheckpoint } from '../store/store.ts'
import type { Stretch } from './audit-blocks.ts'
import { compareNeighbours, type LogRecord, type StretchReport } from './audit-entries.ts'
import { auditCheckpoint, auditGuard, isBehind, type TrustedKeys } from './audit-evidence.ts'
import { auditTree } from './audit-tree.ts'
import type { Finding, Findings } from './finding.ts'

export interface AuditOptions {
  readonly store: AuditStore
  /** The publisher's memory, read before this is called; undefined where there is none to compare. */
  readonly guarded: readonly GuardState[] | undefined
  /** What the guard knows of a log by now: it may have been signed after `guarded` was read. */
  readonly readGuarded?: (origin: string) => Promise<GuardState | undefined>
  readonly trusted: TrustedKeys
  /** Audits a stretch of entries, here or in another thread. */
  readonly auditEntries: (stretch: Stretch) => Promise<StretchReport>
  /** Stretches that may be under way at once. */
  readonly concurrency: number
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void
  readonly signal?: AbortSignal
  /** Sizes up to which logs were audited before, by origin; undefined: all of it is to be read. */
  readonly audited?: ReadonlyMap<string, number>
  /** Awaited after each stretch: an audit that rests leaves the disk and the cores to others. */
  readonly rest?: () => Promise<void>
}

/** Entries of one stretch: handing it out costs little, and four times as many cost the cache. */
const stretchEntries = 4 * limits.tileWidth

/** Where a stretch begins that holds the entry before `size`, too: they are compared. */
export const startBefore = (size: number): number =>
  Math.max(0, Math.ceil(size / limits.tileWidth) - 1) * limits.tileWidth

export function countProgress(
  heads: readonly LogHead[],
  startOf: (head: LogHead) => number,
  { onProgress }: AuditOptions,
) {
  const total = heads.reduce((sum, head) => sum + head.size - startOf(head), 0)
  let done = 0
  return {
    total,
    advance(count: number): void {
      done += count
      onProgress?.({ done, total })
    },
  }
}

/**
 * Audits one log from an entry on, and how that fits what was signed.
 * @returns the makings of logs that its entries have on record
 */
export async function auditLog(
  what: {
    readonly head: LogHead
    readonly from: number
    readonly checkpoints: readonly StoredCheckpoint[]
    readonly findings: Findings
    readonly progress: { advance(count: number): void }
  },
  options: AuditOptions,
): Promise<LogRecord[]> {
  const { head, from, findings } = what
  const { store, guarded, trusted, signal } = options
  const records: LogRecord[] = []
  for await (const { report, count } of auditStretches(head, from, options)) {
    records.push(...report.records)
    findings.add(...report.findings)
    what.progress.advance(count)
    signal?.throwIfAborted()
    await options.rest?.()
  }
  findings.add(...(await auditTree(store, head, from)))
  const checkpoint = what.checkpoints.find(({ tenant }) => tenant === head.tenant)
  findings.add(...(await auditCheckpoint(store, head, checkpoint, trusted)))
  if (guarded === undefined) return records
  const state = guarded.find(({ origin }) => origin === head.origin)
  if (isBehind(state, checkpoint)) {
    const now = await options.readGuarded?.(head.origin)
    if (now !== undefined && !isBehind(now, checkpoint)) return records
  }
  findings.add(...(await auditGuard(store, head, state, checkpoint)))
  return records
}

/** Reports of a log's stretches in order, several of them under way at once. */
async function* auditStretches(head: LogHead, start: number, options: AuditOptions) {
  const { tenant, size } = head
  const names = head.formerTenant ?? tenant
  const underWay: { stretch: Stretch; report: Promise<StretchReport> }[] = []
  let previous: StretchReport | undefined
  let from = start
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
