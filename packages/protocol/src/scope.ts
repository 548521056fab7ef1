import { type Static, Type } from 'typebox'

/** What a credential may do. */
export const scopes = ['append', 'read', 'export', 'admin'] as const
export const Scope = Type.Union([
  Type.Literal('append'),
  Type.Literal('read'),
  Type.Literal('export'),
  Type.Literal('admin'),
])
export type Scope = Static<typeof Scope>

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
