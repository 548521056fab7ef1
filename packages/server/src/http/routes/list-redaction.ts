import { RedactionRuleInfo } from '@indelible/protocol/schema'
import { Type } from 'typebox'
import type { RedactionAdmin } from '../../admin/redaction-rules.ts'
import type { App } from '../app.ts'
import { type Authenticator, callerOf } from '../authenticate.ts'
import { document } from '../documented.ts'

const schema = document(
  {
    tags: ['administration'],
    summary: 'List the rules of redaction',
    description: 'Rules hold for the instance: for those with `admin` for the tenant `*`.',
  },
  { 200: Type.Object({ rules: Type.Array(RedactionRuleInfo) }) },
  [],
)

/** `GET /v1/redaction` */
export function registerListRedaction(
  app: App,
  options: { readonly authenticator: Authenticator; readonly redaction: RedactionAdmin },
): void {
  const { authenticator, redaction } = options
  app.get('/v1/redaction', { schema, onRequest: authenticator.hook }, async (request) => ({
    rules: redaction.list(callerOf(request)),
  }))
}
