import { systemClock } from '../../base/clock.ts'
import { createPublisher } from '../../ledger/publisher.ts'
import { folderPaths } from '../../store/sqlite/folder.ts'
import { openGuard } from '../../store/sqlite/guard.ts'
import { openDatabase } from '../../store/sqlite/open.ts'
import { createProveStore } from '../../store/sqlite/prove-store.ts'
import { createReadStore } from '../../store/sqlite/read-store.ts'
import type { AdmittedEvent } from '../../store/store.ts'
import { createEmbeddedLedger } from '../embedded-ledger.ts'
import { openForWriting } from '../folder-stores.ts'
import { createIndexLag } from '../index-lag.ts'
import type { IndexerCalls } from '../indexer.ts'
import { openFolder } from '../open-folder.ts'
import type { Threads } from '../start-threads.ts'
import type { RunningLedger } from '../threaded-ledger.ts'
import { createWriter, oneAtATime } from '../writer.ts'

/** The ledger of a data folder with all its parts in this thread, and without an index. */
export interface OpenedLedger {
  readonly ledger: RunningLedger
  /** Resolves with the next fault that the service would report. */
  nextFault(): Promise<unknown>
  /** Lets go of the folder without finishing anything. */
  abandon(): Promise<void>
}

export async function openLedger(folder: string): Promise<OpenedLedger> {
  const opened = openFolder({ folder })
  const { keyring } = opened
  const paths = folderPaths(folder)
  const writer = createWriter({
    opened: await openForWriting({ folder }),
    keyring,
    discipline: oneAtATime,
  })
  const log = openDatabase({ path: paths.log, synchronous: 'FULL', readOnly: true, cacheKib: 256 })
  const guard = openGuard(paths.guard)
  const proofs = createProveStore({ log })
  const store = {
    ...createReadStore({ log, index: () => log }),
    readCheckpoint: proofs.readCheckpoint,
  }
  const publisher = createPublisher({ store, guard, keyring, clock: systemClock })
  const indexLag = createIndexLag()
  const threads = {
    writer,
    publisher,
    reader: store,
    indexer: {
      start: async () => ({ behind: 0 }),
      wake: async () => indexLag.indexed(indexLag.entries),
    },
  } as unknown as Threads & { readonly indexer: IndexerCalls } // the ledger calls nothing else of them
  let fault = Promise.withResolvers<unknown>()
  const onFault = (error: unknown): void => {
    fault.resolve(error)
    fault = Promise.withResolvers()
  }
  const ledger = createEmbeddedLedger({ threads, keyring, indexLag, onFault })
  await ledger.start()
  return {
    ledger,
    nextFault: () => fault.promise,
    async abandon() {
      await writer.close().catch(() => undefined) // one that stopped has nothing more to do
      guard[Symbol.dispose]()
      log.close()
      opened[Symbol.dispose]()
    },
  }
}

/** An admitted event of the log `acme`, always the same for the same id. */
export function createAdmitted(id: string): AdmittedEvent {
  const time = '2026-11-20T20:11:00.123Z'
  const parts = {
    actor: '{"id":"u_1","type":"user"}',
    core: JSON.stringify({ action: 'order.paid', id, outcome: 'success', tenant: 'acme', time }),
  }
  const bytes = parts.actor.length + parts.core.length
  return { tenant: 'acme', id, idStamped: false, timeStamped: false, parts, bytes }
}
