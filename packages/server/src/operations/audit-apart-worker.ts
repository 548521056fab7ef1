import { constants, setPriority } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { messageOf } from '../base/message-of.ts'
import { notify, serveCalls } from '../threads/port.ts'
import type { AuditReport } from '../verify/audit.ts'
import { auditData } from './audit-data.ts'
import { openDatabase } from './database.ts'
import type { AuditExtent, OperationOptions } from './operation-options.ts'
import type { DatabaseAddress, StoreAddress } from './store-address.ts'

/** What is audited, as the service's settings name it. */
export interface AuditApartData {
  readonly at: StoreAddress
  readonly seedFile?: string
  /** Sizes up to which logs are taken on trust, by origin. */
  readonly audited?: ReadonlyMap<string, number>
}

export type AuditApartCalls = {
  /** Neither: another node is at it. A fault is a sentence for the operator. */
  audit(): Promise<{ readonly report?: AuditReport; readonly fault?: string }>
  /** From here on it does not rest. */
  hurry(): Promise<void>
}

if (parentPort !== null) {
  const port = parentPort
  const data = workerData as AuditApartData // set by audit-apart.ts
  yieldToOthers()
  const onProgress: OperationOptions['onProgress'] = (progress) => notify(port, progress)
  const pace = createPace()
  serveCalls(port, {
    audit: () =>
      audit({ ...data, onProgress, rest: pace.rest }).catch((error) => ({
        fault: messageOf(error),
      })),
    hurry: async () => pace.hurry(),
  } satisfies AuditApartCalls)
}

/**
 * Appends and searches come first. On Linux a priority is one of threads, and those that this one
 * starts inherit it; elsewhere it would be that of the whole service.
 */
function yieldToOthers(): void {
  if (process.platform === 'linux') setPriority(0, constants.priority.PRIORITY_LOW)
}

/** How much longer it rests than it worked: the disk and the caches know no priorities. */
const restShare = 3
/** After a stretch that took long, because others had the disk. */
const restMsMax = 1_000

function createPace() {
  const haste = new AbortController()
  let restedAt = performance.now()
  return {
    hurry: () => haste.abort(),
    async rest(): Promise<void> {
      const worked = performance.now() - restedAt
      const { signal } = haste
      if (!signal.aborted) {
        const ms = Math.min(restMsMax, worked * restShare)
        await setTimeout(ms, undefined, { signal }).catch(() => undefined)
      }
      restedAt = performance.now()
    },
  }
}

async function audit(
  options: AuditApartData & OperationOptions & AuditExtent,
): Promise<{ readonly report?: AuditReport }> {
  const { at, ...how } = options
  const run = async () => ({ report: await auditData({ ...at, ...how }) })
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
  // Awaited here: the turn ends with this block.
  return turn === undefined ? {} : await run()
}
