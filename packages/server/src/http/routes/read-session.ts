import { Scope } from '@indelible/protocol/schema'
import { Type } from 'typebox'
import type { Directory } from '../../admin/directory.ts'
import { formatTime } from '../../base/clock.ts'
import type { App } from '../app.ts'
import { type Authenticator, principalOf } from '../authenticate.ts'
import { document } from '../documented.ts'

const orNull = (text: string) => Type.Union([Type.String(), Type.Null()], { description: text })

const schema = document(
  {
    tags: ['access'],
    summary: 'Tell who you are',
    description: 'Whose credential the request is made with, and what it may do.',
  },
  {
    200: Type.Object({
      kind: Type.String({ description: '`root`, `key`, `user` or `viewer`.' }),
      id: Type.String(),
      name: Type.String(),
      role: orNull('Of a user.'),
      scopes: Type.Array(Scope),
      tenants: Type.Array(Type.String(), { description: '`*`: every tenant but `_system`.' }),
      filter: orNull('Of a viewer token: every read is narrowed by it.'),
      expires: orNull('RFC 3339; of a credential that ends by itself.'),
    }),
  },
  [],
)

/** `GET /v1/session` */
export function registerReadSession(
  app: App,
  options: {
    readonly authenticator: Authenticator
    readonly directory: Pick<Directory, 'user'>
  },
): void {
  const { authenticator, directory } = options
  app.get('/v1/session', { schema, onRequest: authenticator.hook }, async (request) => {
    const { kind, id, name, scopes, tenants, filter, expires } = principalOf(request)
    return {
      ...{ kind, id, name, role: (kind === 'user' && directory.user(id)?.role) || null },
      ...{ scopes, tenants, filter: filter ?? null },
      expires: expires === undefined ? null : formatTime(expires),
    }
  })
}
