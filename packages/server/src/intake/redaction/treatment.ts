import { createHmac } from 'node:crypto'
import type { Reach } from './keys.ts'

/** How a secret is taken out. */
export interface Treatment {
  /** The text to put in its place. */
  readonly replace: (secret: string) => string
  /** Members are removed with their names; inside a text nothing is put in its place. */
  readonly drops: boolean
}

/** What to do with the member of one name, and how far into its value. */
export interface SecretKey {
  readonly treatment: Treatment
  readonly reach: Reach
}

/** Words such as `tokens` are settings and counts when short, secrets when long. */
export const longStringChars = 16

/** The marker names the rule and nothing of the secret. */
export function createMask(rule: string): Treatment {
  return { replace: () => `[redacted:${rule}]`, drops: false }
}

/** `hash` keeps equality visible: HMAC-SHA-256 under the instance's own secret, 64 bits of it. */
export function createTreatment(
  name: string,
  action: 'mask' | 'hash' | 'drop',
  hashSecret: string,
): Treatment {
  if (action === 'mask') return createMask(name)
  if (action === 'drop') return { replace: () => '', drops: true }
  const digest = (secret: string) =>
    createHmac('sha256', hashSecret).update(`${name}\n${secret}`).digest('hex').slice(0, 16)
  return { replace: (secret) => `[hash:${name}:${digest(secret)}]`, drops: false }
}
