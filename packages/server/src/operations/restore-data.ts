import { copyFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { syncPath, writeDurably } from '../base/durable-files.ts'
import { readSeedIfAny } from '../config/seed.ts'
import type { GuardState } from '../store/guard.ts'
import {
  createFolder,
  type FolderPaths,
  folderPaths,
  removeDatabase,
} from '../store/sqlite/folder.ts'
import { openGuard } from '../store/sqlite/guard.ts'
import { lockFolder } from '../store/sqlite/lock.ts'
import { openDatabase } from '../store/sqlite/open.ts'
import { createReadStore } from '../store/sqlite/read-store.ts'
import { migrateLog, readInstanceId } from '../store/sqlite/schema.ts'
import type { LogHead } from '../store/store.ts'
import type { AuditedLog, AuditReport } from '../verify/audit.ts'
import type { Finding } from '../verify/finding.ts'
import { auditFile, type OperationOptions, readGuard, trustKeys } from './audit-data.ts'
import { continueLogs } from './continue-logs.ts'
import { backupPaths, readManifest } from './manifest.ts'
import { type FolderState, putInPlace, readFolderState } from './put-in-place.ts'
import type { FolderAddress, StoreAddress } from './store-address.ts'

/**
 * A data folder to restore into may be new, or have a damaged or older log; a database must have
 * no logs.
 */
export type RestoreOptions = StoreAddress & RestoreSettings

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

/**
 * Puts a backup in place.
 * @throws Error with a sentence for the operator, FolderInUseError, DatabaseOutOfReachError
 */
export async function restoreData(options: RestoreOptions): Promise<RestoreReport> {
  if ('folder' in options) return restoreFolder(options)
  // Loaded here, so that who has no database does without its driver.
  const { restoreDatabase } = await import('./restore-database.ts')
  return restoreDatabase({ ...options, address: options })
}

/**
 * Puts a backup into a data folder, after auditing it against the folder's seed and guard. Takes
 * the folder as a service does. What was there before is set aside, not deleted. Everything is
 * prepared beside it, and one rename puts it in place: a crash leaves the old log or the new one.
 * @throws Error with a sentence for the operator, FolderInUseError; nothing was changed then
 */
async function restoreFolder(options: FolderAddress & RestoreSettings): Promise<RestoreReport> {
  const { backup, folder, newGeneration = false } = options
  const manifest = readManifest(backup)
  createFolder(folder)
  const paths = folderPaths(folder)
  using _ = lockFolder(folder, paths.lock)
  // 1 A copy beside the target, brought to this program's schema.
  const prepared = join(folder, `log.db.${process.pid}.restore`)
  removeDatabase(prepared)
  try {
    copyFileSync(backupPaths(backup).log, prepared)
    const heads = await migrateCopy(prepared, manifest.instance)
    // 2 The backup on its own, and against what this folder remembers.
    const guarded = existsSync(paths.guard) ? readGuard(paths.guard) : undefined
    const seed =
      readSeedIfAny(options.seedFile ?? paths.seed) ?? readSeedIfAny(join(backup, 'seed'))
    const audit = await auditCopy(prepared, guarded, seed, options)
    const present = await readFolderState(paths, manifest.instance)
    const missing = newGeneration
      ? []
      : assertNotBehind(heads, audit.findings, guarded, present, options)
    // 3 The new generation, in the copy.
    let { logs } = audit
    if (newGeneration) {
      const last = { heads, guarded: guarded ?? [], present, seed, instance: manifest.instance }
      logs = await continueLogs(prepared, last, options)
    }
    // 4 In place: seed, guard, log; each durable before the next.
    keepSeed(seed, paths, options)
    if (missing.length > 0) await adoptGuard(paths.guard, missing)
    syncPath(prepared)
    const replaced = putInPlace(prepared, paths)
    return { logs, newGeneration, replaced, notes: describeNotes(options, seed, replaced) }
  } finally {
    removeDatabase(prepared)
  }
}

async function migrateCopy(path: string, instance: string): Promise<LogHead[]> {
  const log = openDatabase({ path, synchronous: 'FULL', cacheKib: 1024 })
  try {
    migrateLog(log)
    if (readInstanceId(log) !== instance) {
      throw new Error('The backup holds another log.db than its manifest describes.')
    }
    return await createReadStore({ log, index: () => log }).listLogs()
  } finally {
    log.close()
  }
}

/** Findings that come from comparing with the folder's guard, not from the backup itself. */
const guardCodes: readonly string[] = [
  'guard-missing',
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
  const isBehind = (code: string) => guardCodes.includes(code) && code !== 'guard-missing'
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
      'The data folder has no guard that remembers how far these logs were signed, so nobody can ' +
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

async function adoptGuard(path: string, heads: readonly LogHead[]): Promise<void> {
  using guard = openGuard(path)
  await guard.advance(heads.map((head) => ({ from: undefined, to: stateOf(head) })))
}

/** What a guard remembers that has seen all of the log. */
export const stateOf = ({ origin, tenant, size, edge }: LogHead): GuardState => ({
  origin,
  tenant,
  size,
  edge,
})

/** A seed that came with the backup goes where the service looks for it. */
function keepSeed(
  seed: Uint8Array | undefined,
  paths: FolderPaths,
  { seedFile }: RestoreSettings,
): void {
  if (seed === undefined || existsSync(seedFile ?? paths.seed)) return
  writeDurably(seedFile ?? paths.seed, seed, 0o600)
}

export const restoredNote =
  'Keys and users are those of the backup: what was revoked since then is valid again.'

function describeNotes(
  { newGeneration = false }: RestoreSettings,
  seed: Uint8Array | undefined,
  replaced: string | undefined,
): string[] {
  return [
    restoredNote,
    ...(newGeneration
      ? [
          'Every log goes on under a new origin and a new key: give the new keys to whoever ' +
            'verifies. Old receipts verify with the old keys, as before.',
        ]
      : []),
    ...(seed === undefined ? ['The seed is not here; put it back before the service starts.'] : []),
    ...(replaced === undefined ? [] : [`What was in the folder before is in ${replaced}.`]),
  ]
}
