import type { Role, UserInfo } from '@indelible/protocol'
import type { Clock } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import { createShortId, type RandomBytes } from './api-key.ts'
import { attribute, type Caller, formatMaker } from './caller.ts'
import type { Directory } from './directory.ts'
import { assertMayGrant, assertNoFaults, findTenantFaults, holds, refuseUnknown } from './grants.ts'
import type { Passwords } from './passwords.ts'
import { assertScope, type Principal } from './principal.ts'
import { put, remove, type UserRecord } from './records.ts'
import {
  assertAdminStays,
  describeUser,
  endSessions,
  grantOf,
  replaceUser,
  summarise,
} from './user-acts.ts'
import { parseUsername } from './username.ts'

export interface UserRequest {
  readonly username: string
  readonly role: Role
  readonly tenants: readonly string[]
  readonly password: string
}
/** What is left out stays. */
export type UserChange = Partial<Omit<UserRequest, 'username'>> & { readonly disabled?: boolean }

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

  async function hashNew(username: string, password: string): Promise<string> {
    assertNoFaults([passwords.findFault(password, '/password', username)])
    return passwords.hash(password)
  }

  async function create(caller: Caller, request: UserRequest): Promise<UserInfo> {
    assertScope(caller.principal, 'admin')
    const username = parseUsername(request.username)
    assertNoFaults([
      username === undefined
        ? {
            pointer: '/username',
            detail:
              'must be of the letters a to z, digits and . _ @ -, begin with a letter or digit, and have 64 at most',
          }
        : undefined,
      ...findTenantFaults(request.tenants),
      passwords.findFault(request.password, '/password', username ?? ''),
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
    return describeUser(record)
  }

  async function change(caller: Caller, named: string, wanted: UserChange): Promise<UserInfo> {
    assertScope(caller.principal, 'admin')
    const username = parseUsername(named) ?? ''
    find(caller.principal, username)
    assertNoFaults(wanted.tenants === undefined ? [] : findTenantFaults(wanted.tenants))
    const { password, ...rest } = wanted
    const passwordHash = password === undefined ? undefined : await hashNew(username, password)
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
      return replaceUser(directory, caller, before, after)
    })
    if (after === undefined) throw new Error('an act was committed without having been decided')
    return describeUser(after)
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
        .map(describeUser)
    },
    /** @throws Refusal `resource-unknown` */
    read(caller: Caller, named: string): UserInfo {
      assertScope(caller.principal, 'admin')
      return describeUser(find(caller.principal, parseUsername(named) ?? ''))
    },
    /** Ends sessions and viewer tokens too. @throws as `change` */
    async remove(caller: Caller, named: string): Promise<void> {
      assertScope(caller.principal, 'admin')
      const username = parseUsername(named) ?? ''
      await directory.administer(() => {
        const user = find(caller.principal, username)
        assertAdminStays(directory, username, undefined)
        return {
          isExclusive: true,
          changes: [remove('user', username, 'present'), ...endSessions(directory, username)],
          record: {
            action: 'user.removed',
            ...attribute(caller),
            targets: [{ type: 'user', id: username }],
            data: summarise(user),
          },
        }
      })
    },
  }
}
