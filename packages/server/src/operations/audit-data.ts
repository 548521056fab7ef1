import { existsSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { messageOf } from '../base/message-of.ts'
import { readOrCreateSeed, readSeedIfAny } from '../config/seed.ts'
import type { GuardState } from '../store/guard.ts'
import { createAuditStore } from '../store/sqlite/audit-store.ts'
import { folderPaths } from '../store/sqlite/folder.ts'
import { readGuardStates } from '../store/sqlite/guard.ts'
import { openDatabase } from '../store/sqlite/open.ts'
import { assertLogSchema } from '../store/sqlite/schema.ts'
import { type AuditReport, auditLogs } from '../verify/audit.ts'
import type { TrustedKeys } from '../verify/audit-evidence.ts'
import type { AuditOptions } from '../verify/audit-log.ts'
import type { Finding } from '../verify/finding.ts'
import { auditManifest } from './audit-manifest.ts'
import { createAuditThreads } from './audit-threads.ts'
import { backupPaths } from './manifest.ts'
import type { AuditExtent, OperationOptions } from './operation-options.ts'
import { tellOutages } from './outage.ts'
import type { StoreAddress } from './store-address.ts'
import { trustKeys } from './trust-keys.ts'

/**
 * Audits a data folder, a backup or a database; works beside a running service and writes nothing.
 * @param options.seedFile where the seed is, if not in the folder; without a readable seed the keys
 *   kept with the logs and in `_system` are used
 * @param options.pinnedKeys vkeys from elsewhere; they take precedence for the logs they name
 * @throws Error where there is no data to audit, and the signal's reason; never for what is found
 */
export async function auditData(
  options: OperationOptions &
    AuditExtent &
    StoreAddress & {
      readonly seedFile?: string
      readonly pinnedKeys?: readonly string[]
    },
): Promise<AuditReport> {
  const { pinnedKeys = [], seedFile } = options
  if ('store' in options) {
    const seed = seedFile === undefined ? undefined : readOrCreateSeed(seedFile, false)
    const trusted = trustKeys(seed, pinnedKeys)
    return tellOutages([options], async () => {
      // Loaded here, so that who has no database does without its driver.
      const { auditDatabase } = await import('./audit-database.ts')
      return auditDatabase({ ...options, address: options, trusted })
    })
  }
  const { folder } = options
  const paths = folderPaths(folder)
  if (!existsSync(paths.log)) throw new Error(`There is no log.db in ${folder}.`)
  const isBackup = existsSync(backupPaths(folder).manifest)
  // A seed that was named must be there: passing it over would trust the data's own keys instead.
  const seed =
    seedFile === undefined ? readSeedIfAny(paths.seed) : readOrCreateSeed(seedFile, false)
  // Before the log is read: a guard read later could be ahead of what was read.
  const { guarded, findings } = isBackup ? noGuard : auditGuardFile(paths.guard)
  const report = await auditFile({
    ...options,
    path: paths.log,
    guarded,
    readGuarded: async (wanted) =>
      auditGuardFile(paths.guard).guarded?.find(({ origin }) => origin === wanted),
    trusted: trustKeys(seed, pinnedKeys),
    ...(isBackup ? { manifestIn: folder } : {}),
    // It is checked as a whole or not at all.
    ...(options.audited === undefined ? { indexOf: folder } : {}),
  })
  return { ...report, findings: [...report.findings, ...findings] }
}

type Guarded = {
  readonly guarded: readonly GuardState[] | undefined
  readonly findings: readonly Finding[]
}
const noGuard: Guarded = { guarded: undefined, findings: [] }

/** A guard that can't be read is no reason not to audit the rest. */
function auditGuardFile(path: string): Guarded {
  try {
    return { guarded: readGuard(path), findings: [] }
  } catch (error) {
    const detail = `${path} can't be read: ${messageOf(error)}.`
    return { guarded: undefined, findings: [{ code: 'guard-unreadable', detail }] }
  }
}

/** Audits one log.db. */
export async function auditFile(
  options: OperationOptions &
    AuditExtent & {
      readonly path: string
      readonly guarded: readonly GuardState[] | undefined
      readonly readGuarded?: NonNullable<AuditOptions['readGuarded']>
      readonly trusted: TrustedKeys
      /** The folder whose index is to be checked too. */
      readonly indexOf?: string
      /** The folder whose manifest is to be checked too. */
      readonly manifestIn?: string
    },
): Promise<AuditReport> {
  const { path, indexOf, manifestIn } = options
  const nothing = { logs: [], entries: 0 }
  try {
    const log = openDatabase({ path, synchronous: 'FULL', readOnly: true, cacheKib: 8192 })
    try {
      assertLogSchema(log)
      const store = createAuditStore({ log })
      // What has grown is rarely worth a thread's start.
      const entries = options.audited === undefined ? countEntries(log) : 0
      await using threads = createAuditThreads({ path, store, entries })
      const { concurrency } = threads
      const [report, indexFindings] = await Promise.all([
        auditLogs({
          ...options,
          store,
          auditEntries: (stretch) => threads.auditEntries(stretch),
          concurrency,
        }),
        indexOf === undefined ? [] : threads.auditIndex(indexOf),
      ])
      const manifestFindings = manifestIn === undefined ? [] : await auditManifest(log, manifestIn)
      const findings = [...report.findings, ...indexFindings, ...manifestFindings]
      return { ...report, findings }
    } finally {
      log.close()
    }
  } catch (error) {
    options.signal?.throwIfAborted()
    const detail = `${path} can't be read: ${messageOf(error)}.`
    return { ...nothing, findings: [{ code: 'store-unreadable', detail }] }
  }
}

const countEntries = (log: DatabaseSync): number =>
  Number(log.prepare('SELECT sum(size) AS size FROM log').get()?.size)

/** What the guard of a folder remembers; nothing where the file is missing. */
export const readGuard = (path: string): readonly GuardState[] =>
  existsSync(path) ? readGuardStates(path) : []
