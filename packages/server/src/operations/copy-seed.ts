import { existsSync } from 'node:fs'
import { writeDurably } from '../base/durable-files.ts'
import { readOrCreateSeed } from '../config/seed.ts'
import { createKeyring } from '../ledger/keyring.ts'
import { folderPaths } from '../store/sqlite/folder.ts'
import type { LogHead } from '../store/store.ts'
import type { StoreAddress } from './store-address.ts'

/**
 * The seed of both stores: the one named, else that of a folder. A log goes on under its own key
 * on the other side, so it must be there before anything is copied.
 * @throws Error with a sentence for the operator
 */
export function readCopySeed(options: {
  readonly from: StoreAddress
  readonly to: StoreAddress
  readonly seedFile?: string
}): Uint8Array {
  const { from, to, seedFile } = options
  const own = [from, to].map(seedPathOf).find((path) => path !== undefined && existsSync(path))
  const path = seedFile ?? own
  if (path === undefined) {
    throw new Error('The seed that the logs are signed with is needed: name it with --seed-file.')
  }
  const seed = readOrCreateSeed(path, false)
  const present = seedPathOf(to)
  if (present !== undefined && existsSync(present)) {
    if (Buffer.compare(readOrCreateSeed(present, false), seed) !== 0) {
      throw new Error(`${present} is another seed than ${path}.`)
    }
  }
  return seed
}

const seedPathOf = (address: StoreAddress): string | undefined =>
  'folder' in address ? folderPaths(address.folder).seed : undefined

/** A folder's service looks for the seed there, unless it is told where it is. */
export function keepSeed(to: StoreAddress, seed: Uint8Array, seedFile: string | undefined): void {
  const path = seedPathOf(to)
  if (path === undefined || seedFile !== undefined || existsSync(path)) return
  writeDurably(path, seed, 0o600)
}

/**
 * Keys derived from another seed would sign what nobody who pinned ours could verify.
 * @throws Error with a sentence for the operator
 */
export function assertSeedFits(seed: Uint8Array, heads: readonly LogHead[]): void {
  const { logSigner } = createKeyring({ seed, originHost: '' })
  const foreign = heads.find(
    ({ origin, generation, vkey }) => logSigner(origin, generation).vkey !== vkey,
  )
  if (foreign === undefined) return
  throw new Error(
    `The seed is not the one that the log of "${foreign.tenant}" is signed with. Name the right ` +
      'one with --seed-file.',
  )
}
