import { constants, setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { messageOf } from '../base/message-of.ts'
import { notify, serveCalls } from '../threads/port.ts'
import type { AuditReport } from '../verify/audit.ts'
import { auditData } from './audit-data.ts'
import { openDatabase } from './database.ts'
import type { OperationOptions } from './operation-options.ts'
import type { DatabaseAddress, StoreAddress } from './store-address.ts'

/** What is audited, as the service's settings name it. */
export interface AuditApartData {
  readonly at: StoreAddress
  readonly seedFile?: string
}

export type AuditApartCalls = {
  /** Neither: another node is at it. A fault is a sentence for the operator. */
  audit(): Promise<{ readonly report?: AuditReport; readonly fault?: string }>
}

if (parentPort !== null) {
  const port = parentPort
  const data = workerData as AuditApartData // set by audit-apart.ts
  yieldToOthers()
  const onProgress: OperationOptions['onProgress'] = (progress) => notify(port, progress)
  serveCalls(port, {
    audit: () => audit(data, onProgress).catch((error) => ({ fault: messageOf(error) })),
  } satisfies AuditApartCalls)
}

/**
 * Appends and searches come first. On Linux a priority is one of threads, and those that this one
 * starts inherit it; elsewhere it would be that of the whole service.
 */
function yieldToOthers(): void {
  if (process.platform === 'linux') setPriority(0, constants.priority.PRIORITY_LOW)
}

async function audit(
  { at, seedFile }: AuditApartData,
  onProgress: NonNullable<OperationOptions['onProgress']>,
): Promise<{ readonly report?: AuditReport }> {
  const run = async () => ({
    report: await auditData({
      ...at,
      onProgress,
      ...(seedFile === undefined ? {} : { seedFile }),
    }),
  })
  return 'folder' in at ? run() : runInTurn(at, run)
}

/** Of the nodes of a database one audits at a time. */
async function runInTurn<T extends object>(
  address: DatabaseAddress,
  run: () => Promise<T>,
): Promise<T | Record<string, never>> {
  // Loaded here, so that who has no database does without its driver.
  const { takeAuditTurn } = await import('../store/postgres/audit-turn.ts')
  await using database = await openDatabase(address, { name: 'indelible audit', connections: 1 })
  using turn = await takeAuditTurn(database.pool)
  return turn === undefined ? {} : run()
}
