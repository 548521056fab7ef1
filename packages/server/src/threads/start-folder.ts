import { readFolderBytes, readFolderDisk } from '../store/sqlite/folder.ts'
import { createEmbeddedLedger } from './embedded-ledger.ts'
import { createIndexLag } from './index-lag.ts'
import { openFolder } from './open-folder.ts'
import type { RunningStore, StoreOptions } from './running-store.ts'
import { startThreads } from './start-threads.ts'

/**
 * Starts the service's store in a data folder, locked for this process.
 * @throws Error with a sentence for the operator where the folder or the seed is at fault
 */
export async function startFolder({
  config,
  reports,
  observer,
}: StoreOptions): Promise<RunningStore> {
  const { dataFolder: folder, seedFile, originHost } = config
  await using cleanup = new AsyncDisposableStack()
  const opened = cleanup.use(
    openFolder({
      folder,
      ...(seedFile === undefined ? {} : { seedFile }),
      ...(originHost === undefined ? {} : { originHost }),
    }),
  )
  const { seed, keyring, instanceId } = opened
  const indexLag = createIndexLag()
  const threads = cleanup.use(
    startThreads(
      { place: { folder }, seed, originHost: opened.originHost },
      { onIndexed: ({ indexed }) => indexLag.indexed(indexed), onDeath: reports.onDeath },
    ),
  )
  const { reader, writer, publisher, indexer } = threads
  if (indexer === undefined) throw new Error('A data folder has an indexer.')
  const ledger = createEmbeddedLedger({
    threads: { reader, writer, publisher, indexer },
    ...{ keyring, indexLag, observer, onFault: reports.onFault },
  })
  cleanup.defer(() => ledger.close())
  await ledger.start()
  const parts = cleanup.move()
  return {
    ...{ keyring, instanceId, reader, ledger },
    readBytes: () => readFolderBytes(folder),
    readDisk: () => readFolderDisk(folder),
    describe: () => ({
      // Nobody else can sign what this one can't.
      isReady: ledger.status().signingRefusals.length === 0,
      detail: { store: 'sqlite' },
    }),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}
