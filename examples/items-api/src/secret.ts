import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

const secretBytes = 32

/** The secret that tokens are signed with: the one at `path`, or a new one, kept there, mode 0600. */
export function keepSecret(path: string): Uint8Array {
  if (!existsSync(path)) writeFileSync(path, randomBytes(secretBytes), { mode: 0o600 })
  const secret = readFileSync(path)
  // Cut short by a crash, it would be easier to guess.
  if (secret.length !== secretBytes) throw new Error(`${path} is damaged: remove it.`)
  return secret
}
