import { everyTenant, type Role, roleScopes } from '@indelible/protocol'
import { type Clock, formatTime } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import { createShortId, type RandomBytes } from './api-key.ts'
import { attribute, type Caller, formatMaker } from './caller.ts'
import type { Act, Directory } from './directory.ts'
import { assertMayGrant, assertNoFaults, findTenantFaults, holds, refuseUnknown } from './grants.ts'
import { findPasswordFault, type Passwords } from './passwords.ts'
import { assertScope, type Principal } from './principal.ts'
import { put, remove, type UserRecord } from './records.ts'
import { parseUsername } from './username.ts'

export interface UserRequest {
  readonly username: string
  readonly role: Role
  readonly tenants: readonly string[]
  readonly password: string
}
/** What is left out stays. */
export type UserChange = Partial<Omit<UserRequest, 'username'>> & { readonly disabled?: boolean }

/** A user as administrators see them. */
export interface UserInfo {
  readonly username: string
  readonly role: Role
  readonly tenants: readonly string[]
  readonly disabled: boolean
  readonly created: string
  readonly createdBy: string
}

export type Users = ReturnType<typeof createUsers>

/** Users: made, changed, removed; each act within the caller's own grant, and one admin stays. */
export function createUsers(options: {
  readonly directory: Directory
  readonly passwords: Passwords
  readonly clock: Clock
  readonly randomBytes: RandomBytes
}) {
  const { directory, passwords, clock, randomBytes } = options

  /** A user the caller administers: beyond the caller's reach, there is none. */
  function find(principal: Principal, username: string): UserRecord {
    const user = directory.user(username)
    if (user === undefined || !holds(principal, grantOf(user))) throw refuseUnknown('user')
    return user
  }

  function endSessions(username: string) {
    const open = directory.sessions().filter((session) => session.username === username)
    return open.map((session) => remove('session', session.id))
  }

  /** The act that replaces one user's record by another of the same name. */
  function replace(caller: Caller, before: UserRecord, after: UserRecord): Act {
    assertAdminStays(directory, before.username, after)
    const kept = before.epoch === after.epoch
    return {
      changes: [
        put('user', after.username, after, 'present'),
        ...(kept ? [] : endSessions(after.username)),
      ],
      record: {
        action: 'user.changed',
        ...attribute(caller),
        targets: [{ type: 'user', id: after.username }],
        data: {
          before: summarise(before),
          after: summarise(after),
          password: before.passwordHash === after.passwordHash ? 'kept' : 'changed',
        },
      },
    }
  }

  async function hashNew(password: string, pointer: string): Promise<string> {
    assertNoFaults([findPasswordFault(password, pointer)])
    return passwords.hash(password)
  }

  async function create(caller: Caller, request: UserRequest): Promise<UserInfo> {
    assertScope(caller.principal, 'admin')
    const username = parseUsername(request.username)
    assertNoFaults([
      username === undefined
        ? { pointer: '/username', detail: 'must match [a-z0-9][a-z0-9._@-]{0,63}' }
        : undefined,
      ...findTenantFaults(request.tenants),
      findPasswordFault(request.password, '/password'),
    ])
    if (username === undefined) throw new Error('a faulty username has passed')
    assertMayGrant(caller.principal, grantOf(request))
    const record: UserRecord = {
      username,
      role: request.role,
      tenants: request.tenants,
      passwordHash: await passwords.hash(request.password),
      disabled: false,
      created: clock(),
      createdBy: formatMaker(caller.principal),
      epoch: createShortId(randomBytes),
    }
    await directory.administer(() => {
      if (directory.user(username) !== undefined) {
        throw new Refusal('resource-conflict', { detail: `The user "${username}" exists already.` })
      }
      return {
        changes: [put('user', username, record, 'absent')],
        record: {
          action: 'user.created',
          ...attribute(caller),
          targets: [{ type: 'user', id: username }],
          data: summarise(record),
        },
      }
    })
    return describe(record)
  }

  async function change(caller: Caller, named: string, wanted: UserChange): Promise<UserInfo> {
    assertScope(caller.principal, 'admin')
    const username = parseUsername(named) ?? ''
    find(caller.principal, username)
    assertNoFaults(wanted.tenants === undefined ? [] : findTenantFaults(wanted.tenants))
    const { password, ...rest } = wanted
    const passwordHash = password === undefined ? undefined : await hashNew(password, '/password')
    let after: UserRecord | undefined
    await directory.administer(() => {
      const before = find(caller.principal, username)
      const ends = passwordHash !== undefined || (rest.disabled === true && !before.disabled)
      after = {
        ...before,
        ...rest,
        ...(passwordHash === undefined ? {} : { passwordHash }),
        ...(ends ? { epoch: createShortId(randomBytes) } : {}),
      }
      assertMayGrant(caller.principal, grantOf(after))
      return replace(caller, before, after)
    })
    if (after === undefined) throw new Error('an act was committed without having been decided')
    return describe(after)
  }

  return {
    /** @throws Refusal `request-invalid` `scope-insufficient` `resource-conflict` `pushback` */
    create,
    /**
     * Another password, or being disabled, ends the user's sessions and viewer tokens.
     * @throws Refusal `request-invalid` `scope-insufficient` `resource-unknown` `pushback`;
     *   `resource-conflict` where no administrator of everything would be left
     */
    change,
    /** Users within the caller's reach, by name. */
    list(caller: Caller): UserInfo[] {
      assertScope(caller.principal, 'admin')
      return directory
        .users()
        .filter((user) => holds(caller.principal, grantOf(user)))
        .sort((one, other) => (one.username < other.username ? -1 : 1))
        .map(describe)
    },
    /** @throws Refusal `resource-unknown` */
    read(caller: Caller, named: string): UserInfo {
      assertScope(caller.principal, 'admin')
      return describe(find(caller.principal, parseUsername(named) ?? ''))
    },
    /** Ends sessions and viewer tokens too. @throws as `change` */
    async remove(caller: Caller, named: string): Promise<void> {
      assertScope(caller.principal, 'admin')
      const username = parseUsername(named) ?? ''
      await directory.administer(() => {
        const user = find(caller.principal, username)
        assertAdminStays(directory, username, undefined)
        return {
          changes: [remove('user', username, 'present'), ...endSessions(username)],
          record: {
            action: 'user.removed',
            ...attribute(caller),
            targets: [{ type: 'user', id: username }],
            data: summarise(user),
          },
        }
      })
    },
    /**
     * A user changes their own password, and is logged out everywhere.
     * @param verify checks the present password, within the limits of log-ins
     * @throws Refusal `request-invalid` `pushback`, and those of `verify`
     */
    async changeOwnPassword(
      caller: Caller,
      next: string,
      verify: (username: string) => Promise<UserRecord>,
    ): Promise<void> {
      if (caller.principal.kind !== 'user') {
        throw new Refusal('scope-insufficient', { detail: 'Only users have a password.' })
      }
      assertNoFaults([findPasswordFault(next, '/next')])
      const checked = await verify(caller.principal.id)
      const passwordHash = await passwords.hash(next)
      await directory.administer(() => {
        const before = directory.user(checked.username)
        if (before === undefined || before.epoch !== checked.epoch) throw refuseUnknown('user')
        const after = { ...before, passwordHash, epoch: createShortId(randomBytes) }
        const act = replace(caller, before, after)
        return { ...act, record: { ...act.record, action: 'password.changed' } }
      })
    },
  }
}

function grantOf(user: { readonly role: Role; readonly tenants: readonly string[] }) {
  return { scopes: roleScopes[user.role], tenants: user.tenants }
}

function summarise(user: UserRecord) {
  return { role: user.role, tenants: user.tenants, disabled: user.disabled }
}

function describe(user: UserRecord): UserInfo {
  const { username, createdBy } = user
  return { username, ...summarise(user), created: formatTime(user.created), createdBy }
}

function isGlobalAdmin(user: UserRecord): boolean {
  return user.role === 'admin' && !user.disabled && user.tenants.includes(everyTenant)
}

/** @throws Refusal `resource-conflict` if `username` is the last who administers everything */
function assertAdminStays(directory: Directory, username: string, after: UserRecord | undefined) {
  const before = directory.user(username)
  if (before === undefined || !isGlobalAdmin(before)) return
  if (after !== undefined && isGlobalAdmin(after)) return
  const others = directory.users().filter((user) => user.username !== username)
  if (others.some(isGlobalAdmin)) return
  throw new Refusal('resource-conflict', {
    detail: 'This is the last administrator of every tenant; make another one first.',
  })
}
