import { TokenKeyInfo } from '@indelible/protocol/schema'
import { Type } from 'typebox'
import type { SigningKeys } from '../../admin/signing-keys.ts'
import type { App } from '../app.ts'
import { type Authenticator, callerOf } from '../authenticate.ts'
import { document } from '../documented.ts'

const readSchema = document(
  {
    tags: ['administration'],
    summary: 'Tell which key tokens are signed with',
    description: 'Needs the scope `admin` for `*`.',
  },
  { 200: TokenKeyInfo },
  [],
)
const rotateSchema = {
  ...document(
    {
      tags: ['administration'],
      summary: 'Sign tokens with another key',
      description:
        'Sessions, viewer and access tokens of the former key are accepted until they expire; with ' +
        '`revoke` they are refused at once, everybody’s. Needs the scope `admin` for `*`.',
    },
    { 201: TokenKeyInfo },
    ['resource-conflict', 'pushback'],
  ),
  body: Type.Object(
    { revoke: Type.Optional(Type.Boolean({ description: 'End every token now.' })) },
    { additionalProperties: false },
  ),
}

/** `GET /v1/token-key` and `POST /v1/token-key` */
export function registerRotateTokenKey(
  app: App,
  options: { readonly authenticator: Authenticator; readonly signingKeys: SigningKeys },
): void {
  const { authenticator, signingKeys } = options
  const onRequest = authenticator.hook
  app.get('/v1/token-key', { schema: readSchema, onRequest }, async (request) =>
    signingKeys.tokenKey(callerOf(request)),
  )
  app.post('/v1/token-key', { schema: rotateSchema, onRequest }, async (request, reply) => {
    const { revoke = false } = request.body
    return reply.code(201).send(await signingKeys.rotateTokens(callerOf(request), revoke))
  })
}
