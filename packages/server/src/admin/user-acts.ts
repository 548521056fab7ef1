import { everyTenant, type Role, roleScopes, type UserInfo } from '@indelible/protocol'
import { formatTime } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import type { AdminChange } from '../store/store.ts'
import { attribute, type Caller } from './caller.ts'
import type { Act, Directory } from './directory.ts'
import type { Grant } from './grants.ts'
import { put, remove, type UserRecord } from './records.ts'

export function describeUser(user: UserRecord): UserInfo {
  const { username, role, tenants, disabled, createdBy } = user
  const created = formatTime(user.created)
  return { username, role, tenants: [...tenants], disabled, created, createdBy }
}

/** What `_system` says of a user. */
export function summarise(user: UserRecord) {
  return { role: user.role, tenants: user.tenants, disabled: user.disabled }
}

/** What a user of this role and these tenants holds. */
export function grantOf(user: { readonly role: Role; readonly tenants: readonly string[] }): Grant {
  return { scopes: roleScopes[user.role], tenants: user.tenants }
}

/** The act that replaces a user's record; another epoch ends what was handed out before. */
export function replaceUser(
  directory: Directory,
  caller: Caller,
  before: UserRecord,
  after: UserRecord,
): Act {
  const { username } = before
  assertAdminStays(directory, username, after)
  const ended = before.epoch === after.epoch ? [] : endSessions(directory, username)
  return {
    isExclusive: true,
    changes: [put('user', username, after, 'present'), ...ended],
    record: {
      action: 'user.changed',
      ...attribute(caller),
      targets: [{ type: 'user', id: username }],
      data: {
        before: summarise(before),
        after: summarise(after),
        password: before.passwordHash === after.passwordHash ? 'kept' : 'changed',
      },
    },
  }
}

/** The changes that end every session of a user. */
export function endSessions(directory: Directory, username: string): AdminChange[] {
  const open = directory.sessions().filter((session) => session.username === username)
  return open.map((session) => remove('session', session.id))
}

/**
 * Somebody must be left who administers every tenant.
 * @param after what the user is to become; undefined: removed
 * @throws Refusal `resource-conflict`
 */
export function assertAdminStays(
  directory: Directory,
  username: string,
  after: UserRecord | undefined,
): void {
  const before = directory.user(username)
  if (before === undefined || !isGlobalAdmin(before)) return
  if (after !== undefined && isGlobalAdmin(after)) return
  const others = directory.users().filter((user) => user.username !== username)
  if (others.some(isGlobalAdmin)) return
  throw new Refusal('resource-conflict', {
    detail: 'This is the last administrator of every tenant; make another one first.',
  })
}

function isGlobalAdmin(user: UserRecord): boolean {
  return user.role === 'admin' && !user.disabled && user.tenants.includes(everyTenant)
}
