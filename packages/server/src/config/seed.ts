import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { seedBytes } from '../ledger/keyring.ts'

/**
 * The instance's seed, from which every key is derived. Made on the first start: written to a
 * temporary file, fsynced, then linked to its name, so that a crash leaves no half seed and two
 * first starts agree on one.
 * @param mayCreate false where logs exist already: a new seed would orphan their keys
 * @throws Error with a sentence for the operator
 */
export function readOrCreateSeed(path: string, mayCreate: boolean): Uint8Array {
  if (!existsSync(path)) {
    if (!mayCreate) {
      throw new Error(
        `The seed ${path} is missing, and the logs here were signed with keys derived from it. ` +
          'Put the file back, or name it with INDELIBLE_SEED_FILE.',
      )
    }
    createSeed(path)
  }
  const seed = readFileSync(path)
  if (seed.length === seedBytes) return new Uint8Array(seed)
  throw new Error(`The seed ${path} has ${seed.length} bytes; it must have exactly ${seedBytes}.`)
}

/**
 * A seed that one node made for itself would be another one than the next node's.
 * @returns what to do about a shared seed that is not there, in a sentence
 */
export function findSharedSeedFault(path: string | undefined): string | undefined {
  if (path !== undefined && existsSync(path)) return undefined
  const remedy =
    'PostgreSQL is shared, so every node needs the same seed, and none makes it. Make it once, ' +
    '"head -c 32 /dev/urandom > seed", and give each node a copy'
  return path === undefined ? remedy : `no ${path}. ${remedy}`
}

/** The seed, where there is one; whoever only reads or audits need not hold it. */
export function readSeedIfAny(path: string): Uint8Array | undefined {
  try {
    const seed = readFileSync(path)
    return seed.length === seedBytes ? new Uint8Array(seed) : undefined
  } catch {
    return undefined
  }
}

function createSeed(path: string): void {
  // Not named by the process id: in a container that is the same after a crash, and taken then.
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    const file = openSync(temporary, 'wx', 0o600)
    try {
      writeSync(file, randomBytes(seedBytes))
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    linkSync(temporary, path)
  } catch (error) {
    if (!existsSync(path)) throw error
  } finally {
    rmSync(temporary, { force: true })
  }
  syncFolder(dirname(path))
}

/** Makes a new name in a folder durable. */
function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
