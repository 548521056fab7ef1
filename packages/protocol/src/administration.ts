import { type Static, Type } from 'typebox'
import { Role, Scope } from './access.ts'
import * as limits from './limits.ts'
import { orNull } from './or-null.ts'

const Time = Type.String({ description: 'RFC 3339.' })
const Maker = Type.String({ description: '`user:ada`, `key:…`, `root:root`' })

/** A key without its secret. */
export const KeyInfo = Type.Object({
  id: Type.String(),
  name: Type.String(),
  scopes: Type.Array(Scope),
  tenants: Type.Array(Type.String()),
  created: Time,
  createdBy: Maker,
  expires: orNull(Time),
  lastUsed: orNull(Time, 'To the minute.'),
  rate: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.keyRateMax })),
})
export type KeyInfo = Static<typeof KeyInfo>

/** Which key tokens are signed with. */
export const TokenKeyInfo = Type.Object({
  generation: Type.Integer({ minimum: 1, description: 'Of the key that signs.' }),
  since: orNull(Type.String(), 'Null for the first.'),
  former: Type.Array(
    Type.Object({ generation: Type.Integer({ minimum: 1 }), until: Type.String() }),
    { description: 'Keys whose tokens are still accepted, and until when.' },
  ),
})
export type TokenKeyInfo = Static<typeof TokenKeyInfo>

/** A user as administrators see them. */
export const UserInfo = Type.Object({
  username: Type.String(),
  role: Role,
  tenants: Type.Array(Type.String()),
  disabled: Type.Boolean(),
  created: Time,
  createdBy: Maker,
})
export type UserInfo = Static<typeof UserInfo>

/** A tenant that has a log. */
export const TenantInfo = Type.Object({
  tenant: Type.String(),
  name: orNull(Type.String()),
})
export type TenantInfo = Static<typeof TenantInfo>

/** A viewer token, as who made it is shown it. */
export const ViewerToken = Type.Object({
  id: Type.String(),
  token: Type.String(),
  tenant: Type.String(),
  scopes: Type.Array(Scope),
  filter: orNull(Type.String()),
  expires: Time,
})
export type ViewerToken = Static<typeof ViewerToken>

/** What a tenant holds the events of one action to. */
export const SchemaInfo = Type.Object({
  action: Type.String(),
  schema: Type.Unknown({ description: 'A JSON Schema, of draft 2020-12.' }),
  updated: Time,
  by: Maker,
})
export type SchemaInfo = Static<typeof SchemaInfo>
