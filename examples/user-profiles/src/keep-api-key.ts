import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The API key of this installation, for where `API_KEYS` names nobody: made at the first start, so that
 * there is no default that everybody knows. Only its owner may read the file.
 */
export function keepApiKey(dataFolder: string): { readonly key: string; readonly path: string } {
  const path = join(dataFolder, 'api-key')
  mkdirSync(dataFolder, { recursive: true })
  try {
    writeFileSync(path, randomBytes(24).toString('base64url'), { mode: 0o600, flag: 'wx' })
  } catch (error) {
    const isThere = error instanceof Error && 'code' in error && error.code === 'EEXIST'
    if (!isThere) throw error
  }
  return { key: readFileSync(path, 'utf8').trim(), path }
}
