import type { Clock } from '../base/clock.ts'
import { messageOf } from '../base/message-of.ts'
import type { SystemEvent } from '../ledger/system-event.ts'
import type { AuditReport } from './audit.ts'
import { type AuditSummary, summariseAudit } from './audit-summary.ts'

/** How far an audit that is under way has come. Times are Unix milliseconds. */
export interface RunningAudit {
  readonly started: number
  readonly done: number
  readonly total: number
}

export interface SelfAuditState {
  /** 0: only when somebody asks for it. */
  readonly everyMs: number
  readonly running: RunningAudit | undefined
  readonly last: AuditSummary | undefined
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
   * Starts an audit, on record as asked for; one that is under way goes on instead.
   * @throws Refusal where it can't be recorded
   */
  request(by: Pick<SystemEvent, 'actor' | 'context'>): Promise<void>
  /** Starts an audit if one is due; to be called every minute or so. */
  look(): void
}

export interface SelfAuditOptions {
  /** Audits everything, apart from the service's own threads; undefined: another node is at it. */
  readonly run: (options: {
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

/**
 * The service's audits of itself: on a schedule and when asked for, never two at a time. The result
 * is an entry of `_system`, so that it outlives the service and is evidence itself. A crash leaves
 * nothing: the audit is due again.
 */
export function createSelfAudit(options: SelfAuditOptions): SelfAudit {
  const { run, keep, readKept, clock, everyMs, onFault, isElsewhere } = options
  const startedAt = clock()
  const closing = new AbortController()
  let running: RunningAudit | undefined
  let underWay: Promise<void> = Promise.resolve()
  /** The newest, also where it could not be kept. */
  let newest: AuditSummary | undefined
  let fault: SelfAuditState['fault']
  let checked = 0

  const last = (): AuditSummary | undefined => {
    const kept = readKept()
    return newest !== undefined && newest.ended > (kept?.ended ?? 0) ? newest : kept
  }
  const next = (): number | undefined => {
    if (everyMs === 0) return undefined
    const retryAt = fault === undefined ? 0 : fault.time + Math.min(retryMs, everyMs)
    const dueAt = (last()?.ended ?? 0) + everyMs
    return Math.max(startedAt + Math.min(restMs, everyMs), dueAt, retryAt)
  }

  const audit = async (started: number): Promise<void> => {
    try {
      const report = await run({
        onProgress: ({ done, total }) => {
          checked += done - (running?.done ?? 0)
          running = { started, done, total }
        },
        signal: closing.signal,
      })
      if (report === undefined) return
      const summary = summariseAudit(report, { started, ended: clock() })
      fault = undefined
      try {
        // Until it is on record the audit is under way: who sees its result finds it in `_system`, too.
        await keep(describeResult(summary), summary)
      } finally {
        newest = summary
      }
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
    running = { started, done: 0, total: 0 }
    underWay = audit(started)
  }

  return {
    state: () => ({ everyMs, running, last: last(), next: next(), checked, fault }),
    isElsewhere,
    async request(by) {
      if (running !== undefined) return
      await keep({ ...by, action: 'audit.requested' })
      start()
    },
    look() {
      const dueAt = next()
      if (dueAt !== undefined && clock() >= dueAt) start()
    },
    async [Symbol.asyncDispose]() {
      closing.abort()
      await underWay
    },
  }
}

function describeResult({ logs, found, isWhole: _, ...figures }: AuditSummary): SystemEvent {
  const isSound = figures.findings === 0
  const faulty = new Set(found.flatMap(({ tenant }) => tenant ?? []))
  return {
    action: isSound ? 'audit.passed' : 'audit.failed',
    outcome: isSound ? 'success' : 'failure',
    actor: { type: 'system', id: 'indelible' },
    targets: [...faulty].slice(0, 64).map((id) => ({ type: 'tenant', id })),
    data: { ...figures, logs: logs.length, found },
  }
}
