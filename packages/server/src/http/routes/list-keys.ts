import { KeyInfo } from '@indelible/protocol/schema'
import { Type } from 'typebox'
import type { Keys } from '../../admin/keys.ts'
import type { App } from '../app.ts'
import { type Authenticator, callerOf } from '../authenticate.ts'
import { document } from '../documented.ts'

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
