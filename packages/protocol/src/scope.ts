/** What a credential may do. */
export const scopes = ['append', 'read', 'export', 'admin'] as const
export type Scope = (typeof scopes)[number]

/** Every tenant but those whose names begin with `_`, which must be named. */
export const everyTenant = '*'
/** The tenant of our own log: administration and reads are kept there. */
export const systemTenant = '_system'
export const defaultTenant = 'default'

/** Roles of users, as sets of scopes. */
export const roleScopes = {
  admin: ['append', 'read', 'export', 'admin'],
  auditor: ['read', 'export'],
  writer: ['append'],
} as const satisfies Record<string, readonly Scope[]>
export type Role = keyof typeof roleScopes
