import { limits } from '@indelible/protocol'
import { Scope } from '@indelible/protocol/schema'
import { Type } from 'typebox'
import type { Keys } from '../../admin/keys.ts'
import type { App } from '../app.ts'
import { type Authenticator, callerOf } from '../authenticate.ts'
import { document } from '../documented.ts'

const time = Type.String({ description: 'RFC 3339.' })

/** A key without its secret. */
export const KeyInfo = Type.Object({
  id: Type.String(),
  name: Type.String(),
  scopes: Type.Array(Scope),
  tenants: Type.Array(Type.String()),
  created: time,
  createdBy: Type.String({ description: '`user:ada`, `key:…`, `root:root`' }),
  expires: Type.Union([time, Type.Null()]),
  lastUsed: Type.Union([time, Type.Null()], { description: 'To the minute.' }),
  rate: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.keyRateMax })),
})

const schema = document(
  {
    tags: ['administration'],
    summary: 'List API keys',
    description: 'Those whose tenants your own grant covers, oldest first. Never the secret.',
  },
  { 200: Type.Object({ keys: Type.Array(KeyInfo) }) },
  [],
)

export function registerListKeys(
  app: App,
  options: { readonly authenticator: Authenticator; readonly keys: Keys },
): void {
  const { authenticator, keys } = options
  app.get('/v1/keys', { schema, onRequest: authenticator.hook }, async (request) => ({
    keys: keys.list(callerOf(request)),
  }))
}
