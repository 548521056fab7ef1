import { limits, systemTenant } from '@indelible/protocol'
import { attribute, type Caller } from '../admin/caller.ts'
import { redactRecord } from '../admin/redact-record.ts'
import type { Clock } from '../base/clock.ts'
import type { Redactor } from '../intake/redact.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { createRepeats } from '../ledger/repeats.ts'
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
  /** Id of the one entry that was read. */
  readonly entry?: string
}

/**
 * Reads are audited too: none is answered before it is on record in `_system`, by itself or as a
 * repeat. Reads of `_system` itself would breed entries without end, so they are only counted.
 */
export function createReadAudit(options: {
  readonly ledger: Pick<Ledger, 'administer'>
  readonly clock: Clock
  /** Takes secrets out of what is kept of a read. */
  readonly redact: Redactor['redact']
  readonly onFault: (error: unknown) => void
}) {
  const { ledger, clock, redact, onFault } = options
  let systemReads = 0
  const repeats = createRepeats<{ readonly caller: Caller; readonly read: Read }>({
    onFault,
    async keep({ caller, read: { action, tenants, ...asked } }, { count, details }) {
      const targets = tenants
        .slice(0, limits.targetsMax)
        .map((id) => ({ type: 'tenant', id: redact(id) }))
      const reads = [...details].map(([detail, times]) => ({ ...JSON.parse(detail), count: times }))
      const data = { count, ...(reads.length === 0 ? describeAsked(asked, redact) : { reads }) }
      const event = { ...attribute(caller), action, targets, data }
      await ledger.administer([], createSystemEvent(redactRecord(event, redact), clock()))
    },
  })

  return {
    /** Resolves when the read is on record: a read that can't be recorded is not answered. */
    async record(caller: Caller, read: Read): Promise<void> {
      if (read.tenants.every((tenant) => tenant === systemTenant)) {
        systemReads++
        return
      }
      const { kind, id } = caller.principal
      const key = [kind, id, read.action, ...read.tenants].join('\n')
      // Which entries, which queries: a harmless first read must not hide what followed it.
      const detail = JSON.stringify(describeAsked(read, redact))
      await repeats.note(key, { caller, read }, detail)
    },
    get systemReads() {
      return systemReads
    },
    [Symbol.asyncDispose]: repeats[Symbol.asyncDispose],
  }
}

/** What was asked, as it may be kept; a cursor says nothing to a reader. */
function describeAsked(
  { query, entry }: Pick<Read, 'query' | 'entry'>,
  redact: Redactor['redact'],
) {
  const { cursor: _, ...parameters } = query ?? {}
  return {
    ...(query === undefined ? {} : { query: redactParameters(parameters, redact) }),
    ...(entry === undefined ? {} : { entry: redact(entry) }),
  }
}

export type ReadAudit = ReturnType<typeof createReadAudit>
