import type { GuardState } from '../store/guard.ts'
import type { LogHead } from '../store/store.ts'
import type { AuditedLog, AuditReport } from '../verify/audit.ts'
import type { Finding } from '../verify/finding.ts'
import { auditFile } from './audit-data.ts'
import type { OperationOptions } from './operation-options.ts'
import type { FolderState } from './put-in-place.ts'
import { trustKeys } from './trust-keys.ts'

export interface RestoreSettings extends OperationOptions {
  /** Folder that backupData wrote. */
  readonly backup: string
  /** Where the seed is, if not in the data folder. */
  readonly seedFile?: string
  /** As the service's setting; undefined: as the service does without it. */
  readonly originHost?: string
  /** End every log and go on under a new origin: for a copy that may be older than what was signed. */
  readonly newGeneration?: boolean
  /** "I know that this is the newest copy": takes what was restored as what was last signed. */
  readonly adoptGuard?: boolean
}

export interface RestoreReport {
  /** Logs as restored, ended ones included. */
  readonly logs: readonly AuditedLog[]
  readonly newGeneration: boolean
  /** Where what lay in the folder before was put; undefined where nothing did. */
  readonly replaced: string | undefined
  /** What the operator should know or do next. */
  readonly notes: readonly string[]
}

/** Findings that come from comparing with the folder's guard, not from the backup itself. */
const guardCodes: readonly string[] = [
  'guard-missing',
  'guard-changed',
  'guard-behind',
  'guard-ahead',
  'guard-forked',
  'log-missing',
]

export async function auditCopy(
  path: string,
  guarded: readonly GuardState[] | undefined,
  seed: Uint8Array | undefined,
  { onProgress, signal }: OperationOptions,
): Promise<AuditReport> {
  const report = await auditFile({
    path,
    guarded,
    trusted: trustKeys(seed),
    ...(onProgress === undefined ? {} : { onProgress }),
    ...(signal === undefined ? {} : { signal }),
  })
  const own = report.findings.filter(({ code }) => !guardCodes.includes(code))
  const [first] = own
  if (first === undefined) return report
  const more = own.length === 1 ? '' : ` (and ${own.length - 1} more findings)`
  const where = first.tenant === undefined ? '' : `${first.tenant}: `
  throw new Error(`The backup does not pass its audit: ${where}${first.detail}${more}`)
}

const logsNamedMax = 5
const nextGeneration =
  'Restore the newest copy; or restore with --new-generation, which keeps the old log readable ' +
  'and goes on in a new one.'

/**
 * Without a new generation, a restored log must go on exactly where it was last signed.
 * @returns logs that were signed and that no guard remembers: to be adopted
 */
export function assertNotBehind(
  heads: readonly LogHead[],
  findings: readonly Finding[],
  guarded: readonly GuardState[] | undefined,
  present: FolderState | undefined,
  { adoptGuard: mayAdopt = false }: Pick<RestoreSettings, 'adoptGuard'>,
): LogHead[] {
  const isBehind = (code: string) =>
    guardCodes.includes(code) && !['guard-missing', 'guard-changed', 'guard-behind'].includes(code)
  const behind = findings.filter(({ code }) => isBehind(code))
  if (behind.length > 0) {
    const logs = nameSome(behind.map(({ tenant, detail }) => `${tenant}: ${detail}`))
    throw new Error(`This backup is older than what was signed.\n${logs}\n${nextGeneration}`)
  }
  const shorter = (present?.heads ?? []).flatMap(({ tenant, origin, size }) => {
    const kept = heads.find((head) => head.origin === origin)?.size ?? 0
    const both = `${tenant}: the data folder holds ${size} entries and the backup ${kept}.`
    return kept < size ? [both] : []
  })
  if (shorter.length > 0) {
    const why = 'Restoring this backup would lose entries that were acknowledged.'
    throw new Error(`${why}\n${nameSome(shorter)}\n${nextGeneration}`)
  }
  const known = new Set(guarded?.map(({ origin }) => origin))
  const missing = heads.filter(
    ({ origin, size, formerTenant }) =>
      size > 0 && formerTenant === undefined && !known.has(origin),
  )
  if (missing.length > 0 && !mayAdopt) {
    throw new Error(
      'There is no guard here that remembers how far these logs were signed, so nobody can ' +
        'tell whether this backup is the newest copy. If you know that it is, restore with ' +
        '--adopt-guard; if entries may have been acknowledged since, with --new-generation.',
    )
  }
  return missing
}

/** The first few of many; a service can have thousands of logs. */
function nameSome(lines: readonly string[]): string {
  const more = lines.length > logsNamedMax ? [`… and ${lines.length - logsNamedMax} more logs`] : []
  return [...lines.slice(0, logsNamedMax), ...more].join('\n')
}

/** What a guard remembers that has seen all of the log. */
export const stateOf = ({ origin, tenant, size, edge }: LogHead): GuardState => ({
  origin,
  tenant,
  size,
  edge,
})

export const restoredNote =
  'Keys and users are those of the backup: what was revoked since then is valid again.'
