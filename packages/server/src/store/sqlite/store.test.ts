import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readFacts } from '../testing/entries.ts'
import { describeStoreContract } from '../testing/store-contract.ts'
import { createAppendStore } from './append-store.ts'
import { createAuditStore } from './audit-store.ts'
import { openGuard } from './guard.ts'
import { openIndex } from './index-file.ts'
import { createIndexer } from './indexer.ts'
import { createLogFigures } from './log-figures.ts'
import { openDatabase } from './open.ts'
import { createAdminStore } from './prove-store.ts'
import { createReadStore } from './read-store.ts'
import { migrateLog, readInstanceId } from './schema.ts'

describeStoreContract('SQLite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'indelible-store-'))
  const log = openDatabase({ path: join(folder, 'log.db'), synchronous: 'FULL', cacheKib: 1024 })
  migrateLog(log)
  const index = openIndex(join(folder, 'index.db'), readInstanceId(log))
  const indexer = createIndexer({ log, index, readFacts })
  const guard = openGuard(join(folder, 'guard.db'))
  return {
    append: createAppendStore({ database: log }),
    read: createReadStore({ log, index: () => index }),
    audit: createAuditStore({ log }),
    admin: createAdminStore({ log }),
    readLogFigures: createLogFigures({ log }),
    guard,
    async catchUp() {
      while (indexer.step() > 0);
    },
    async [Symbol.asyncDispose]() {
      guard[Symbol.dispose]()
      index.close()
      log.close()
      rmSync(folder, { recursive: true })
    },
  }
})
