import { createKeyring } from '../ledger/keyring.ts'
import { createFactReader } from '../query/facts.ts'
import { createAppendStore } from '../store/postgres/append-store.ts'
import { createAuditStore } from '../store/postgres/audit-store.ts'
import { openGuard, readGuardStates } from '../store/postgres/guard.ts'
import { inTransaction } from '../store/postgres/in-transaction.ts'
import { readInstance, takeInstance } from '../store/postgres/instance.ts'
import { freeze, lockForCopy, passAsCopy, writeMove } from '../store/postgres/move.ts'
import { assertServer } from '../store/postgres/open.ts'
import { createAdminStore } from '../store/postgres/prove-store.ts'
import { createReadStore } from '../store/postgres/read-store.ts'
import { assertStoreSchema, migrateStore } from '../store/postgres/schema.ts'
import type { CopySource, CopyTarget } from './copied-store.ts'
import { openDatabase } from './database.ts'
import { type DatabaseAddress, nameStore } from './store-address.ts'

/** One writes or reads, one looks ahead, one holds the freeze, one is spare. */
const sessions = { name: 'indelible copy', connections: 4 } as const

/** A database to copy from, beside the nodes that may be running on it. */
export async function openDatabaseSource(address: DatabaseAddress): Promise<CopySource> {
  await using cleanup = new AsyncDisposableStack()
  const { pool, guardPool } = cleanup.use(await openDatabase(address, sessions))
  await assertServer(pool)
  await assertStoreSchema(pool)
  const { id, originHost } = await readInstance(pool)
  const opened = cleanup.move()
  return {
    name: nameStore(address),
    instance: { id, originHost },
    // Nothing is looked up by a fact.
    reading: createReadStore({ pool, indexSecret: new Uint8Array(32) }),
    audit: createAuditStore({ pool }),
    admin: createAdminStore({ pool }),
    listGuard: () => readGuardStates(guardPool),
    readMove: async () => (await readInstance(pool)).move,
    freeze: (work) => freeze(pool, work),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

/** A database to copy into, new or of an earlier move; held against other copies. */
export async function openDatabaseTarget(options: {
  readonly address: DatabaseAddress
  readonly seed: Uint8Array
}): Promise<CopyTarget> {
  const { address, seed } = options
  await using cleanup = new AsyncDisposableStack()
  const { pool, guardPool } = cleanup.use(
    await openDatabase(address, { ...sessions, onOpened: passAsCopy }),
  )
  await assertServer(pool)
  await migrateStore(pool)
  const lock = await pool.connect()
  cleanup.defer(() => lock.release(true))
  await lockForCopy(lock)
  const { deriveSecret } = createKeyring({ seed, originHost: '' })
  const indexSecret = deriveSecret('index')
  const { readFacts } = createFactReader()
  const guard = await openGuard({ pool: guardPool })
  const opened = cleanup.move()
  return {
    name: nameStore(address),
    reading: createReadStore({ pool, indexSecret }),
    audit: createAuditStore({ pool }),
    admin: createAdminStore({ pool }),
    append: createAppendStore({ pool, readFacts, indexSecret }),
    guard,
    async readInstance() {
      const { id, originHost } = await readInstance(pool)
      return { id, originHost }
    },
    readMove: async () => (await readInstance(pool)).move,
    async begin(instance, move) {
      await inTransaction(pool, async (client) => {
        await takeInstance(client, { ...instance, seedMark: deriveSecret('seed mark') })
        await writeMove(client, move)
      })
    },
    finish: () => inTransaction(pool, (client) => writeMove(client, undefined)),
    // Facts are indexed in the transaction that keeps the entry.
    catchUp: async () => undefined,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}
