import { limits } from '@indelible/protocol'
import type { Clock } from '../base/clock.ts'
import { messageOf } from '../base/message-of.ts'
import type { SystemEvent } from '../ledger/system-event.ts'
import type { AuditReport } from './audit.ts'
import { type AuditSummary, addFindings, summariseAudit } from './audit-summary.ts'
import type { Finding } from './finding.ts'

/** How far an audit that is under way has come. Times are Unix milliseconds. */
export interface RunningAudit {
  readonly started: number
  readonly done: number
  readonly total: number
}

export interface SelfAuditState {
  /** 0: only when somebody asks for it. */
  readonly everyMs: number
  /** An audit of everything. */
  readonly running: RunningAudit | undefined
  /** The last audit of everything, and what those of growth have found since. */
  readonly last: AuditSummary | undefined
  /** The last audit of what logs had grown by; undefined: none since the start. */
  readonly growth: { readonly ended: number; readonly entries: number } | undefined
  readonly next: number | undefined
  /** Entries that the audits of this process have read. */
  readonly checked: number
  /** Why the last attempt came to no end. */
  readonly fault: { readonly time: number; readonly detail: string } | undefined
}

export interface SelfAudit extends AsyncDisposable {
  state(): SelfAuditState
  /** Whether another node is at it. */
  isElsewhere(): Promise<boolean>
  /**
   * Starts an audit of everything, on record as asked for; one that is under way hurries instead.
   * @throws Refusal where it can't be recorded
   */
  request(by: Pick<SystemEvent, 'actor' | 'context'>): Promise<void>
  /** Starts an audit if one is due; to be called every minute or so. */
  look(): void
}

export interface SelfAuditOptions {
  /** Audits apart from the service's own threads; undefined: another node is at it. */
  readonly run: (options: {
    /** Sizes up to which logs are taken on trust, by origin; undefined: everything is read. */
    readonly audited?: ReadonlyMap<string, number>
    /** Until it is given, the audit leaves most of its time to others. */
    readonly haste: AbortSignal
    readonly onProgress: (progress: { readonly done: number; readonly total: number }) => void
    readonly signal: AbortSignal
  }) => Promise<AuditReport | undefined>
  /** Whether another node audits. */
  readonly isElsewhere: () => Promise<boolean>
  /** Keeps a record in `_system`, and beside it the summary, where there is one, as the newest. */
  readonly keep: (record: SystemEvent, summary?: AuditSummary) => Promise<void>
  /** The newest summary kept, whichever node made it. */
  readonly readKept: () => AuditSummary | undefined
  readonly clock: Clock
  /** 0: only when somebody asks for it. */
  readonly everyMs: number
  readonly onFault: (error: unknown) => void
}

/** A service that has just started, perhaps after a crash, has better things to do. */
const restMs = 5 * 60_000
/** After an attempt that came to no end. */
const retryMs = 60 * 60_000
/** How long what is new waits for its first audit, at most. */
const growthMs = 5 * 60_000

/**
 * The service's audits of itself, never two at a time: of what is new every few minutes, of
 * everything on a schedule and when asked for. Where something is wrong, and at the end of each
 * audit of everything, there is an entry of `_system`: so the result outlives the service and is
 * evidence itself. A crash leaves nothing: the audit is due again.
 */
export function createSelfAudit(options: SelfAuditOptions): SelfAudit {
  const { run, keep, readKept, clock, everyMs, onFault, isElsewhere } = options
  const startedAt = clock()
  const closing = new AbortController()
  let running: RunningAudit | undefined
  let haste = new AbortController()
  let isGrowing = false
  let underWay: Promise<void> = Promise.resolve()
  /** The newest, also where it could not be kept. */
  let newest: AuditSummary | undefined
  let growth: SelfAuditState['growth']
  let grownAt = startedAt
  let sizes: ReadonlyMap<string, number> | undefined
  let fault: SelfAuditState['fault']
  let checked = 0

  /** What lies ahead was told by a clock that has been set back since: it counts as long past. */
  const toPast = (time: number): number => (time > clock() + limits.clockSkewMsMax ? 0 : time)
  const last = (): AuditSummary | undefined => {
    const kept = readKept()
    return isNewer(newest, kept) ? newest : kept
  }
  const next = (): number | undefined => {
    if (everyMs === 0) return undefined
    const retryAt = fault === undefined ? 0 : toPast(fault.time) + Math.min(retryMs, everyMs)
    const dueAt = toPast(last()?.ended ?? 0) + everyMs
    return Math.max(toPast(startedAt) + Math.min(restMs, everyMs), dueAt, retryAt)
  }
  const record = async (event: SystemEvent, summary: AuditSummary): Promise<void> => {
    try {
      // Until it is on record the audit is under way: who sees its result finds it in `_system`, too.
      await keep(event, summary)
    } finally {
      newest = summary
    }
  }

  const audit = async (started: number): Promise<void> => {
    try {
      const report = await run({
        haste: haste.signal,
        onProgress: ({ done, total }) => {
          checked += done - (running?.done ?? 0)
          running = { started, done, total }
        },
        signal: closing.signal,
      })
      if (report === undefined) return
      const own = summariseAudit(report, { started, ended: clock() })
      sizes = new Map(report.logs.map(({ origin, size }) => [origin, size]))
      fault = undefined
      // What was found while it ran may lie behind the end that it saw.
      const later = last()?.later?.filter(({ time }) => time >= started) ?? []
      await record(describeResult(own), addFindings(own, later).summary)
    } catch (error) {
      if (closing.signal.aborted) return
      fault = { time: clock(), detail: messageOf(error) }
      onFault(error)
    } finally {
      running = undefined
    }
  }
  const start = (): void => {
    if (running !== undefined || closing.signal.aborted) return
    const started = clock()
    haste = new AbortController()
    running = { started, done: 0, total: 0 }
    underWay = isGrowing ? underWay.then(() => audit(started)) : audit(started)
  }

  const auditGrowth = async (told: AuditSummary): Promise<void> => {
    grownAt = clock()
    try {
      const audited = sizes ?? sizesOf(told)
      const idle = { haste: new AbortController().signal, onProgress: () => undefined }
      const report = await run({ ...idle, audited, signal: closing.signal })
      if (report === undefined) return
      const ended = clock()
      sizes = new Map(report.logs.map(({ origin, size }) => [origin, size]))
      checked += report.entries
      growth = { ended, entries: report.entries }
      const found = report.findings.map((finding) => ({ ...finding, time: ended }))
      const { summary, added } = addFindings(last() ?? told, found)
      if (added.length === 0) return
      const { entries } = report
      await record(describeGrowth({ started: grownAt, ended, entries, found: added }), summary)
    } catch (error) {
      if (!closing.signal.aborted) onFault(error)
    } finally {
      isGrowing = false
    }
  }
  const lookAtGrowth = (): void => {
    const told = last()
    if (everyMs === 0 || told === undefined || running !== undefined || isGrowing) return
    const dueAt = toPast(grownAt) + Math.min(growthMs, everyMs)
    if (clock() < dueAt || closing.signal.aborted) return
    isGrowing = true
    underWay = auditGrowth(told)
  }

  return {
    state: () => ({ everyMs, running, last: last(), growth, next: next(), checked, fault }),
    isElsewhere,
    async request(by) {
      haste.abort()
      if (running !== undefined) return
      await keep({ ...by, action: 'audit.requested' })
      start()
      haste.abort()
    },
    look() {
      const dueAt = next()
      if (dueAt !== undefined && clock() >= dueAt) start()
      else lookAtGrowth()
    },
    async [Symbol.asyncDispose]() {
      closing.abort()
      await underWay
    },
  }
}

/** Of the same audit, the summary with more findings is the newer. */
function isNewer(one: AuditSummary | undefined, other: AuditSummary | undefined): boolean {
  if (one === undefined || other === undefined) return other === undefined
  if (one.ended !== other.ended) return one.ended > other.ended
  return one.findings > other.findings
}

const sizesOf = ({ logs }: AuditSummary): ReadonlyMap<string, number> =>
  new Map(logs.flatMap(({ origin, size }) => (origin === undefined ? [] : [[origin, size]])))

function describeResult(summary: AuditSummary): SystemEvent {
  const { logs, found, isWhole: _, later: _later, ...figures } = summary
  return describe({ ...figures, logs: logs.length, found })
}

/** Only where something was found: what is well is said of the whole. */
const describeGrowth = (figures: {
  readonly started: number
  readonly ended: number
  readonly entries: number
  readonly found: readonly Finding[]
}): SystemEvent => describe({ ...figures, findings: figures.found.length })

function describe(
  data: Record<string, unknown> & {
    readonly findings: number
    readonly found: readonly Finding[]
  },
): SystemEvent {
  const isSound = data.findings === 0
  const faulty = new Set(data.found.flatMap(({ tenant }) => tenant ?? []))
  return {
    action: isSound ? 'audit.passed' : 'audit.failed',
    outcome: isSound ? 'success' : 'failure',
    actor: { type: 'system', id: 'indelible' },
    targets: [...faulty].slice(0, 64).map((id) => ({ type: 'tenant', id })),
    data,
  }
}
