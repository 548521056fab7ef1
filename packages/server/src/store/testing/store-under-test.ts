import type { Guard } from '../guard.ts'
import type {
  AdminStore,
  AppendStore,
  AppendTransaction,
  AuditStore,
  KeptEntry,
  LogFigures,
  ReadStore,
} from '../store.ts'
import { createEntry, createHead, type Seed } from './entries.ts'

/** A store with nothing in it, and all that is asked of one. */
export interface StoreUnderTest extends AsyncDisposable {
  readonly append: AppendStore
  readonly read: ReadStore
  readonly audit: AuditStore
  readonly admin: AdminStore
  readLogFigures(): Promise<LogFigures>
  readonly guard: Guard
  /** Brings an index that runs behind up to what is kept. */
  catchUp(): Promise<void>
}

/** Appends to a log, making it if need be. @returns the entries as kept */
export async function appendTo(
  store: Pick<StoreUnderTest, 'append'>,
  tenant: string,
  seeds: readonly Seed[],
): Promise<KeptEntry[]> {
  return store.append.transact((transaction) => appendIn(transaction, tenant, seeds))
}

export async function appendIn(
  transaction: AppendTransaction,
  tenant: string,
  seeds: readonly Seed[],
): Promise<KeptEntry[]> {
  const found = (await transaction.lockHeads([tenant])).get(tenant)
  const head = found ?? createHead(tenant)
  if (found === undefined) await transaction.createLog(head)
  const entries = seeds.map((seed, n) => createEntry(tenant, head.size + n, seed))
  await transaction.insertEntries(
    entries,
    seeds.map((seed, n) => seed.id ?? `e${head.size + n}`),
  )
  const size = head.size + entries.length
  const received = entries.at(-1)?.received ?? head.received
  await transaction.saveHead({ ...head, size, received, edge: Buffer.from(`edge ${size}`) })
  return entries
}
