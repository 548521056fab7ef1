import type { RunningStore, StoreOptions } from './running-store.ts'

export async function startNode(_: StoreOptions & { readonly url: string }): Promise<RunningStore> {
  throw new Error('PostgreSQL is not there yet.')
}
