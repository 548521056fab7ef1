import type { DatabaseSync } from 'node:sqlite'

export type Role = 'user' | 'admin'

/** Somebody with an account. The name is the identity: it never changes and is never given again. */
export interface User {
  readonly username: string
  readonly role: Role
  /** RFC 3339. */
  readonly created: string
}

export interface Users {
  /** @returns false where the name is taken */
  add(user: User & { readonly passwordHash: string }): boolean
  find(username: string): User | undefined
  findPasswordHash(username: string): string | undefined
  hasAdmin(): boolean
}

export function createUsers(database: DatabaseSync): Users {
  const add = database.prepare(`
    INSERT INTO users (username, password_hash, role, created) VALUES (?, ?, ?, ?)
    ON CONFLICT DO NOTHING
  `)
  const find = database.prepare('SELECT username, role, created FROM users WHERE username = ?')
  const findHash = database.prepare('SELECT password_hash AS hash FROM users WHERE username = ?')
  const findAdmin = database.prepare("SELECT 1 FROM users WHERE role = 'admin' LIMIT 1")
  return {
    add: ({ username, passwordHash, role, created }) =>
      add.run(username, passwordHash, role, created).changes === 1,
    // A row of a STRICT table has these columns, of these types.
    find: (username) => find.get(username) as User | undefined,
    findPasswordHash(username) {
      const row = findHash.get(username) as { readonly hash: string } | undefined // as above
      return row?.hash
    },
    hasAdmin: () => findAdmin.get() !== undefined,
  }
}
