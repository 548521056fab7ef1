import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '../base/clock.ts'
import { createKeyring } from '../ledger/keyring.ts'
import { createPublisher, type SigningRefusal } from '../ledger/publisher.ts'
import { folderPaths } from '../store/sqlite/folder.ts'
import { openGuard } from '../store/sqlite/guard.ts'
import { openDatabase } from '../store/sqlite/open.ts'
import { createProveStore } from '../store/sqlite/prove-store.ts'
import { createReadStore } from '../store/sqlite/read-store.ts'
import type { StoredCheckpoint } from '../store/store.ts'
import { serveCalls } from './port.ts'
import type { FolderWorkerData } from './writer.ts'

export type PublisherCalls = {
  publish(): Promise<{ checkpoints: StoredCheckpoint[]; refusals: SigningRefusal[] }>
  close(): Promise<void>
}

if (parentPort !== null) {
  const { folder, seed, originHost } = workerData as FolderWorkerData // set by start-threads.ts
  const paths = folderPaths(folder)
  const log = openDatabase({ path: paths.log, synchronous: 'FULL', readOnly: true, cacheKib: 1024 })
  const guard = openGuard(paths.guard)
  const publisher = createPublisher({
    store: {
      ...createReadStore({ log, index: () => log }),
      readCheckpoint: createProveStore({ log }).readCheckpoint,
    },
    guard,
    keyring: createKeyring({ seed, originHost }),
    clock: systemClock,
  })
  serveCalls(parentPort, {
    publish: () => publisher.publish(),
    async close() {
      guard[Symbol.dispose]()
      log.close()
    },
  } satisfies PublisherCalls)
}
