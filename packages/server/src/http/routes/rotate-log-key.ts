import { FormerKeyInfo, LogInfo } from '@indelible/protocol/schema'
import { Type } from 'typebox'
import type { SigningKeys } from '../../admin/signing-keys.ts'
import type { App } from '../app.ts'
import { type Authenticator, callerOf } from '../authenticate.ts'
import { document } from '../documented.ts'

const schema = {
  ...document(
    {
      tags: ['administration'],
      summary: 'Give a log another key',
      description:
        'Checkpoints are signed by a new key from now on, and by the former ones beside it, so that ' +
        'whoever pinned one of those still verifies; with `revoke` by the new one alone. The former ' +
        'key vouches for the new one (`formerKeys`). Needs the scope `admin` for `*`.',
    },
    {
      201: Type.Object({
        ...Type.Pick(LogInfo, ['tenant', 'origin', 'vkey']).properties,
        formerKeys: Type.Array(FormerKeyInfo),
      }),
    },
    ['log-unknown', 'resource-conflict', 'pushback'],
  ),
  params: Type.Object({ tenant: Type.String() }),
  body: Type.Object(
    { revoke: Type.Optional(Type.Boolean({ description: 'Former keys sign no more.' })) },
    { additionalProperties: false },
  ),
}

/** `POST /v1/logs/{tenant}/key` */
export function registerRotateLogKey(
  app: App,
  options: { readonly authenticator: Authenticator; readonly signingKeys: SigningKeys },
): void {
  const { authenticator, signingKeys } = options
  app.post(
    '/v1/logs/:tenant/key',
    { schema, onRequest: authenticator.hook },
    async (request, reply) => {
      const { revoke = false } = request.body
      const log = await signingKeys.rotateLog(callerOf(request), request.params.tenant, revoke)
      return reply.code(201).send(log)
    },
  )
}
