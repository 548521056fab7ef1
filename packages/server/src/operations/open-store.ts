import type { CopySource, CopyTarget } from './copied-store.ts'
import { openFolderSource, openFolderTarget } from './copy-folder.ts'
import type { StoreAddress } from './store-address.ts'

/** @throws Error with a sentence for the operator */
export async function openSource(address: StoreAddress): Promise<CopySource> {
  if ('folder' in address) return openFolderSource(address.folder)
  // Loaded here, so that who has no database does without its driver.
  const { openDatabaseSource } = await import('./copy-database.ts')
  return openDatabaseSource(address)
}

/** @throws Error with a sentence for the operator, FolderInUseError */
export async function openTarget(address: StoreAddress, seed: Uint8Array): Promise<CopyTarget> {
  if ('folder' in address) return openFolderTarget(address.folder)
  const { openDatabaseTarget } = await import('./copy-database.ts')
  return openDatabaseTarget({ address, seed })
}
