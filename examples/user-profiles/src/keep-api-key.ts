import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const keyBytes = 24
const keyChars = 32

/**
 * The API key of this installation, for where `API_KEYS` names nobody: made at the first start, so that
 * there is no default that everybody knows. Only its owner may read the file.
 */
export function keepApiKey(dataFolder: string): { readonly key: string; readonly path: string } {
  const path = join(dataFolder, 'api-key')
  mkdirSync(dataFolder, { recursive: true })
  try {
    writeFileSync(path, randomBytes(keyBytes).toString('base64url'), { mode: 0o600, flag: 'wx' })
  } catch (error) {
    const isThere = error instanceof Error && 'code' in error && error.code === 'EEXIST'
    if (!isThere) throw error
  }
  const key = readFileSync(path, 'utf8').trim()
  // Cut short by a crash or a full disk it would be easier to guess; an empty one is anybody's.
  if (key.length < keyChars) throw new Error(`${path} is damaged: remove it, for a new key.`)
  return { key, path }
}
