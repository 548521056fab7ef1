import { createKeyring } from '../ledger/keyring.ts'
import type { IndexSecret, StorePlace, Stores, WorkerData } from './stores.ts'

/** The functions that open a thread's store, bound to where it is. Loads that store's driver alone. */
export async function loadStores({ place, seed, originHost }: WorkerData) {
  const keyring = createKeyring({ seed, originHost })
  const bind = <Place extends StorePlace>(stores: Stores<Place>, at: Place) => {
    const secrets: IndexSecret = { indexSecret: keyring.deriveSecret('index') }
    return {
      keyring,
      openForReading: () => stores.openForReading(at, secrets),
      openForWriting: () => stores.openForWriting(at, secrets),
      openForSigning: () => stores.openForSigning(at, secrets),
    }
  }
  return 'folder' in place
    ? bind(await import('./folder-stores.ts'), place)
    : bind(await import('./database-stores.ts'), place)
}
