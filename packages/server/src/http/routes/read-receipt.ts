import { type PartLabel, partLabels } from '@indelible/protocol'
import { Type } from 'typebox'
import { Refusal } from '../../base/refusal.ts'
import type { App } from '../app.ts'
import { callerOf } from '../authenticate.ts'
import { document } from '../documented.ts'
import { findEntry, IdParameters, TenantParameter } from '../find-entry.ts'
import { waitForCheckpoint } from '../find-log.ts'
import type { ReadParts } from '../read-parts.ts'
import { readOne } from '../read-request.ts'

const ReceiptBody = Type.Object({
  format: Type.Literal('indelible-receipt/v1'),
  entry: Type.String({ description: 'The text of the leaf.' }),
  parts: Type.Record(
    Type.String(),
    Type.Object({ salt: Type.String({ description: 'base64' }), text: Type.String() }),
  ),
  proof: Type.String({ description: 'C2SP tlog-proof, with the checkpoint.' }),
})

const schema = {
  ...document(
    {
      tags: ['proof'],
      summary: 'Receipt of one entry',
      description:
        'Offline evidence: the entry, its inclusion proof and a signed checkpoint. Check it with ' +
        '`indelible verify`, which trusts nobody. `parts=core,actor` discloses only those parts.',
    },
    { 200: ReceiptBody },
    ['query-invalid', 'request-invalid', 'entry-unknown', 'checkpoint-pending'],
  ),
  params: IdParameters,
  querystring: Type.Object({
    ...TenantParameter,
    parts: Type.Optional(Type.Unknown({ description: 'Labels, separated by commas.' })),
  }),
}

/** `GET /v1/events/{id}/receipt` */
export function registerReadReceipt(app: App, parts: ReadParts): void {
  const { authenticator, reader, readAudit } = parts
  const route = { schema, onRequest: authenticator.hook }
  app.get('/v1/events/:id/receipt', route, async (request, reply) => {
    const disclosed = parseLabels(readOne(request, 'parts'))
    const { tenant, id, index } = await findEntry(request, parts)
    const checkpoint = await waitForCheckpoint(parts, tenant, index + 1)
    const receipt = await reader.receipt(tenant, id, checkpoint, disclosed)
    const read = { action: 'receipt.read', tenants: [tenant], entry: id }
    await readAudit.record(callerOf(request), read)
    return reply.header('content-type', 'application/json; charset=utf-8').send(receipt)
  })
}

function parseLabels(text: string | undefined): PartLabel[] | undefined {
  return text?.split(',').map((name) => {
    const label = partLabels.find((known) => known === name)
    if (label !== undefined) return label
    throw new Refusal('query-invalid', {
      detail: `The parameter "parts" names parts: ${partLabels.join(', ')}.`,
    })
  })
}
