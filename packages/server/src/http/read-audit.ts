import { limits, systemTenant } from '@indelible/protocol'
import type { Caller } from '../admin/caller.ts'
import { attribute } from '../admin/caller.ts'
import type { Clock } from '../base/clock.ts'
import type { Redactor } from '../intake/redact.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { createSystemEvent } from '../ledger/system-event.ts'
import type { Parameters } from '../query/parameters.ts'
import { redactParameters } from './redact-query.ts'

/** What was read, as `_system` keeps it. */
export interface Read {
  /** For example `events.searched`. */
  readonly action: string
  readonly tenants: readonly string[]
  /**
   * The parameters as asked, decoded: the percent signs of a URL would hide a secret from
   * redaction, which sees them before they are kept.
   */
  readonly query?: Parameters
}

interface Window {
  readonly caller: Caller
  readonly read: Read
  readonly since: number
  /** Reads since the entry that opened the window. */
  count: number
}

/**
 * Reads are audited too. The first read of a caller is kept in `_system` before it is answered;
 * its repeats within a minute are collapsed to one more entry with their count. Reads of `_system`
 * itself would breed entries without end, so they are only counted. A crash loses at most the
 * counts of the minute under way.
 */
export function createReadAudit(options: {
  readonly ledger: Pick<Ledger, 'administer'>
  readonly clock: Clock
  /** Takes secrets out of what is kept of a read. */
  readonly redact: Redactor['redact']
  readonly onFault: (error: unknown) => void
}) {
  const { ledger, clock, redact, onFault } = options
  const windows = new Map<string, Window>()
  let systemReads = 0

  const append = async ({ caller, read }: Window, count: number): Promise<void> => {
    const { query } = read
    const event = {
      ...attributeRedacted(caller, redact),
      action: read.action,
      targets: read.tenants
        .slice(0, limits.targetsMax)
        .map((id) => ({ type: 'tenant', id: redact(id) })),
      data: { count, ...(query === undefined ? {} : { query: redactParameters(query, redact) }) },
    }
    await ledger.administer([], createSystemEvent(event, clock()))
  }
  /** Appends what ended windows collapsed. */
  const flush = async (endsAll = false): Promise<void> => {
    for (const [key, window] of windows) {
      if (!endsAll && clock() - window.since < limits.readAuditWindowMs) continue
      windows.delete(key)
      if (window.count > 0) await append(window, window.count)
    }
  }
  const timer = setInterval(() => flush().catch(onFault), limits.readAuditWindowMs / 4)
  timer.unref()

  return {
    /** Resolves when the read is on record: a read that can't be recorded is not answered. */
    async record(caller: Caller, read: Read): Promise<void> {
      if (read.tenants.every((tenant) => tenant === systemTenant)) {
        systemReads++
        return
      }
      const key = [caller.principal.kind, caller.principal.id, read.action, ...read.tenants].join(
        '\n',
      )
      const open = windows.get(key)
      if (open !== undefined) {
        open.count++
        return
      }
      const window: Window = { caller, read, since: clock(), count: 0 }
      windows.set(key, window)
      await append(window, 1).catch((error) => {
        windows.delete(key)
        throw error
      })
    },
    get systemReads() {
      return systemReads
    },
    async [Symbol.asyncDispose](): Promise<void> {
      clearInterval(timer)
      await flush(true)
    },
  }
}

/** Who and from where; the user agent is the caller's own text and may hold a secret. */
function attributeRedacted(caller: Caller, redact: Redactor['redact']) {
  const { actor, context = {} } = attribute(caller)
  const { agent } = caller.context
  return { actor, context: agent === undefined ? context : { ...context, agent: redact(agent) } }
}

export type ReadAudit = ReturnType<typeof createReadAudit>
