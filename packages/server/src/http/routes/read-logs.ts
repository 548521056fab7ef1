import { LogInfo } from '@indelible/protocol/schema'
import { Type } from 'typebox'
import { assertScope, covers } from '../../admin/principal.ts'
import type { App } from '../app.ts'
import { principalOf } from '../authenticate.ts'
import { document } from '../documented.ts'
import { findReadableLog } from '../find-log.ts'
import type { ReadParts } from '../read-parts.ts'

const listSchema = document(
  { tags: ['proof'], summary: 'List the logs of the granted tenants' },
  { 200: Type.Object({ logs: Type.Array(LogInfo) }) },
  [],
)
const readSchema = {
  ...document(
    {
      tags: ['proof'],
      summary: 'Describe one log',
      description: 'Origin, public key, live size and root, last checkpoint. Pin the `vkey`.',
    },
    { 200: LogInfo },
    ['log-unknown'],
  ),
  params: Type.Object({ tenant: Type.String() }),
}

/** `GET /v1/logs` and `GET /v1/logs/{tenant}` */
export function registerReadLogs(app: App, parts: ReadParts): void {
  const { authenticator, ledger, listLogs } = parts
  const onRequest = authenticator.hook
  app.get('/v1/logs', { schema: listSchema, onRequest }, async (request) => {
    const principal = principalOf(request)
    assertScope(principal, 'read')
    const heads = (await listLogs()).filter(({ tenant }) => covers(principal, tenant))
    const logs = await Promise.all(heads.map(({ tenant }) => ledger.describeLog(tenant)))
    return { logs: logs.filter((log) => log !== undefined) }
  })
  app.get('/v1/logs/:tenant', { schema: readSchema, onRequest }, (request) =>
    findReadableLog(request, parts),
  )
}
