import type { Directory } from '../admin/directory.ts'
import type { Clock } from '../base/clock.ts'
import type { Config } from '../config/read-config.ts'
import { createSelfAudit, type SelfAudit } from '../verify/self-audit.ts'
import { auditApart } from './audit-apart.ts'
import { createKeptResult } from './kept-result.ts'
import { storeAddressOf } from './store-address.ts'

/** How often it is looked whether one is due. */
const lookMs = 30_000

/** The audits of a running service of itself, on its schedule. */
export function startSelfAudit(options: {
  readonly config: Config
  readonly directory: Pick<Directory, 'administer' | 'setting'>
  /** 32 bytes that whoever has the database alone does not have. */
  readonly resultSecret: Uint8Array
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
  const { read, change } = createKeptResult({ directory, secret: options.resultSecret })
  const selfAudit = createSelfAudit({
    ...{ clock, onFault, isElsewhere, everyMs: auditMs },
    run: (how) => auditApart({ ...how, at, ...(seedFile === undefined ? {} : { seedFile }) }),
    readKept: read,
    keep: (record, summary) => {
      if (summary !== undefined && summary.findings > 0) onFailure(summary.findings)
      return directory.administer(() => {
        return { changes: summary === undefined ? [] : [change(summary)], record }
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
