import { parentPort, workerData } from 'node:worker_threads'
import { createAuditStore } from '../store/sqlite/audit-store.ts'
import { openDatabase } from '../store/sqlite/open.ts'
import { serveCalls } from '../threads/port.ts'
import type { Stretch } from '../verify/audit-blocks.ts'
import { auditEntries, type StretchReport } from '../verify/audit-entries.ts'
import type { Finding } from '../verify/finding.ts'
import { auditIndex } from './audit-index.ts'

export type AuditCalls = {
  auditEntries(stretch: Stretch): Promise<StretchReport>
  auditIndex(folder: string): Promise<Finding[]>
}

if (parentPort !== null) {
  const { path } = workerData as { path: string } // set by audit-threads.ts
  const log = openDatabase({ path, synchronous: 'FULL', readOnly: true, cacheKib: 8192 })
  const store = createAuditStore({ log })
  serveCalls(parentPort, {
    auditEntries: (stretch) => auditEntries(store, stretch),
    auditIndex: async (folder) => auditIndex(folder),
  } satisfies AuditCalls)
}
