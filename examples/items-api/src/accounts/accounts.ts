import { randomBytes } from 'node:crypto'
import { Refusal } from '../refusal.ts'
import type { Role, User, Users } from '../store/users.ts'
import type { Passwords } from './passwords.ts'

interface Credentials {
  readonly username: string
  readonly password: string
}

/** Who may come in. */
export interface Accounts {
  /** @throws Refusal `username-taken` */
  signUp(credentials: Credentials): Promise<User>
  /** @throws Refusal `login-failed`, the same whether the name or the password is wrong */
  logIn(credentials: Credentials): Promise<User>
  /** Makes the first admin, where there is none. @returns the credentials, if it did */
  ensureAdmin(wanted: {
    readonly username: string
    readonly password: string | undefined
  }): Promise<Credentials | undefined>
}

export function createAccounts(options: {
  readonly users: Users
  readonly passwords: Passwords
  readonly clock: () => number
}): Accounts {
  const { users, passwords, clock } = options

  async function add({ username, password }: Credentials, role: Role): Promise<User> {
    const user = { username, role, created: new Date(clock()).toISOString() }
    const isAdded = users.add({ ...user, passwordHash: await passwords.hash(password) })
    if (!isAdded) throw new Refusal('username-taken', `There is a user "${username}" already.`)
    return user
  }

  return {
    signUp: (credentials) => add(credentials, 'user'),
    async logIn({ username, password }) {
      const isRight = await passwords.isRight(password, users.findPasswordHash(username))
      const user = users.find(username)
      if (!isRight || user === undefined) {
        throw new Refusal('login-failed', 'The username or the password is wrong.')
      }
      return user
    },
    async ensureAdmin({ username, password }) {
      if (users.hasAdmin()) return undefined
      const credentials = { username, password: password ?? randomBytes(15).toString('base64url') }
      await add(credentials, 'admin')
      return credentials
    },
  }
}
