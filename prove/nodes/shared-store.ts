import { createTestSeed, type TestPostgres } from '@indelible/testkit'

/** A database for several nodes, and the seed that they share. */
export interface SharedStore {
  readonly store: string
  readonly seedFile: string
}

export async function createSharedStore(
  postgres: TestPostgres,
  folder: string,
): Promise<SharedStore> {
  return { store: await postgres.createDatabase(), seedFile: createTestSeed(folder) }
}

/** @param url the store, perhaps by a way of this node's own */
export const nodeOn = ({ seedFile }: SharedStore, url: string): Record<string, string> => ({
  INDELIBLE_STORE: url,
  INDELIBLE_SEED_FILE: seedFile,
  INDELIBLE_DRAIN_SECONDS: '0',
})
