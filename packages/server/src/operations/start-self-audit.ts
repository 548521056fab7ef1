import type { Directory } from '../admin/directory.ts'
import { put } from '../admin/records.ts'
import type { Clock } from '../base/clock.ts'
import type { Config } from '../config/read-config.ts'
import type { AuditSummary } from '../verify/audit-summary.ts'
import { createSelfAudit, type SelfAudit } from '../verify/self-audit.ts'
import { auditApart } from './audit-apart.ts'
import { storeAddressOf } from './store-address.ts'

/** Where the newest result is kept, for this service's next start and for the other nodes. */
const lastAuditSetting = 'last-audit'
/** How often it is looked whether one is due. */
const lookMs = 30_000

/** The audits of a running service of itself, on its schedule. */
export function startSelfAudit(options: {
  readonly config: Config
  readonly directory: Pick<Directory, 'administer' | 'setting'>
  readonly clock: Clock
  /** Whether another node audits; where there are others. */
  readonly isElsewhere?: () => Promise<boolean>
  readonly onFault: (error: unknown) => void
  /** Told of each audit that found something to be wrong. */
  readonly onFailure: (findings: number) => void
}): SelfAudit {
  const { config, directory, clock, onFault, onFailure, isElsewhere = async () => false } = options
  const { seedFile, auditMs } = config
  const at = storeAddressOf(config)
  const selfAudit = createSelfAudit({
    ...{ clock, onFault, isElsewhere, everyMs: auditMs },
    run: (how) => auditApart({ ...how, at, ...(seedFile === undefined ? {} : { seedFile }) }),
    readKept: createResultReader(directory),
    keep: (record, summary) => {
      if (summary !== undefined && summary.findings > 0) onFailure(summary.findings)
      return directory.administer(() => {
        return { changes: summary === undefined ? [] : [keep(summary)], record }
      })
    },
  })
  const timer = setInterval(selfAudit.look, lookMs)
  timer.unref()
  return {
    ...selfAudit,
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await selfAudit[Symbol.asyncDispose]()
    },
  }
}

const keep = (summary: AuditSummary) =>
  put('setting', lastAuditSetting, { id: lastAuditSetting, value: JSON.stringify(summary) })

/** Parses the setting when it changes, not whenever somebody asks. */
function createResultReader({ setting }: Pick<Directory, 'setting'>) {
  let text: string | undefined
  let summary: AuditSummary | undefined
  return (): AuditSummary | undefined => {
    const value = setting(lastAuditSetting)?.value
    if (typeof value !== 'string') return undefined
    if (value !== text) summary = JSON.parse(value) // written by `keep`
    text = value
    return summary
  }
}
