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
  return auditFile({
    ...options,
    path: paths.log,
    // Before the log is read: a guard read later could be ahead of what was read.
    guarded: isBackup ? undefined : readGuard(paths.guard),
    isGuarded: async (origin) => readGuard(paths.guard).some((state) => state.origin === origin),
    trusted: trustKeys(seed, pinnedKeys),
    // It is checked as a whole or not at all.
    ...(options.audited === undefined ? { indexOf: folder } : {}),
  })
}

/** Audits one log.db. */
export async function auditFile(
  options: OperationOptions &
    AuditExtent & {
      readonly path: string
      readonly guarded: readonly GuardState[] | undefined
      readonly isGuarded?: (origin: string) => Promise<boolean>
      readonly trusted: TrustedKeys
      /** The folder whose index is to be checked too. */
      readonly indexOf?: string
    },
): Promise<AuditReport> {
  const { path, indexOf } = options
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
      return { ...report, findings: [...report.findings, ...indexFindings] }
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
