import { everyTenant, scopes, systemTenant } from '@indelible/protocol'
import type { Clock } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import type { RandomBytes } from './api-key.ts'
import { createApiKey, createShortId, createToken, digestSecret, formatApiKey } from './api-key.ts'
import type { Act, Directory } from './directory.ts'
import type { Passwords } from './passwords.ts'
import { put } from './records.ts'

const actor = { type: 'system', id: 'indelible' }
const tenants = [everyTenant, systemTenant]
/** Nothing that can be mistaken for something else; 6 groups of 5 are 148 bits. */
const readable = 'abcdefghjkmnpqrstuvwxyz23456789'

/**
 * What the first start makes, so that somebody can get in. Each is made once: a root key that was
 * revoked does not come back with the next start.
 */
export function createFirstStart(options: {
  readonly directory: Directory
  readonly passwords: Passwords
  readonly clock: Clock
  readonly randomBytes: RandomBytes
}) {
  const { directory, passwords, clock, randomBytes } = options

  /** False where another node's first start was faster. */
  async function isFirst(decide: () => Act): Promise<boolean> {
    try {
      await directory.administer(decide)
      return true
    } catch (error) {
      if (error instanceof Refusal && error.code === 'resource-conflict') return false
      throw error
    }
  }

  return {
    /**
     * Makes the user `admin` if there is no user.
     * @param given INDELIBLE_ADMIN_PASSWORD
     * @returns the password to print once, if it was made up here; undefined otherwise
     * @throws Error for a given password that is too weak
     */
    async ensureAdmin(given?: { readonly password?: string }): Promise<string | undefined> {
      if (directory.users().length > 0) return undefined
      const groups = Array.from({ length: 6 }, () => createToken(randomBytes, readable, 5))
      const password = given?.password ?? groups.join('-')
      const fault = passwords.findFault(password, '', 'admin')
      if (fault !== undefined) throw new Error(`INDELIBLE_ADMIN_PASSWORD ${fault.detail}`)
      const admin = {
        username: 'admin',
        role: 'admin',
        tenants,
        passwordHash: await passwords.hash(password),
        disabled: false,
        created: clock(),
        createdBy: 'system:indelible',
        epoch: createShortId(randomBytes),
      } as const
      const isOurs = await isFirst(() => ({
        changes: [put('user', 'admin', admin, 'absent')],
        record: {
          action: 'user.created',
          actor,
          targets: [{ type: 'user', id: 'admin' }],
          data: { role: 'admin', tenants, disabled: false },
        },
      }))
      return isOurs && given?.password === undefined ? password : undefined
    },

    /**
     * Makes the API key named `root`, unless that was done before. To be called where
     * INDELIBLE_ROOT_KEY is not set.
     * @returns the key to print once; undefined if there is nothing to do
     */
    async ensureRootKey(): Promise<string | undefined> {
      if (directory.setting('root-key') !== undefined) return undefined
      const key = createApiKey(randomBytes)
      const record = {
        id: key.id,
        name: 'root',
        hash: digestSecret(key.secret).toString('hex'),
        scopes,
        tenants,
        created: clock(),
        createdBy: 'system:indelible',
      }
      const isOurs = await isFirst(() => ({
        changes: [
          put('setting', 'root-key', { id: 'root-key', value: key.id }, 'absent'),
          put('key', key.id, record, 'absent'),
          directory.expectUse(key.id),
        ],
        record: {
          action: 'key.created',
          actor,
          targets: [{ type: 'key', id: key.id, name: 'root' }],
          data: { scopes, tenants, expires: null },
        },
      }))
      return isOurs ? formatApiKey(key) : undefined
    },
  }
}
