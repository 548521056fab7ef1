import { createAuditStore } from '../store/postgres/audit-store.ts'
import { readGuardStates } from '../store/postgres/guard.ts'
import { assertStoreSchema } from '../store/postgres/schema.ts'
import { type AuditReport, auditLogs } from '../verify/audit.ts'
import { auditEntries } from '../verify/audit-entries.ts'
import type { TrustedKeys } from '../verify/audit-evidence.ts'
import { bearOutages, openDatabase } from './database.ts'
import type { AuditExtent, OperationOptions } from './operation-options.ts'
import type { DatabaseAddress } from './store-address.ts'

/** Stretches under way at once: while one is recomputed, the database reads the next. */
const concurrency = 4

/**
 * Audits a database beside the nodes that run on it, a standby as well; writes nothing.
 * @throws DatabaseOutOfReachError where it goes away and does not come back: that is no finding
 */
export async function auditDatabase(
  options: OperationOptions &
    AuditExtent & {
      readonly address: DatabaseAddress
      readonly trusted: TrustedKeys
    },
): Promise<AuditReport> {
  const { address } = options
  const name = 'indelible audit'
  await using database = await openDatabase(address, { name, connections: concurrency })
  const { pool, guardPool } = database
  await assertStoreSchema(pool)
  // Before the logs are read: a guard read later could be ahead of what was read.
  const guarded = await readGuardStates(guardPool)
  const { store, outage } = bearOutages(createAuditStore({ pool }), address)
  const report = await auditLogs({
    ...options,
    store,
    guarded,
    readGuarded: async (wanted) =>
      (await readGuardStates(guardPool)).find(({ origin }) => origin === wanted),
    auditEntries: (stretch) => auditEntries(store, stretch),
    concurrency,
  })
  const lost = outage()
  if (lost !== undefined) throw lost
  return report
}
