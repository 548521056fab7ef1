import { hash } from 'node:crypto'
import type { Head } from '@indelible/protocol'
import type { FastifyRequest } from 'fastify'
import { assertScope } from '../../admin/principal.ts'
import { membersOf } from '../../base/json-object.ts'
import type { Refusal } from '../../base/refusal.ts'
import { type LogRecord, translateOtlp } from '../../intake/dialects/otlp.ts'
import { checkAuditRecord, hashAuditRecord } from '../../intake/dialects/otlp-audit.ts'
import { emptyQuery } from '../../query/query.ts'
import type { App } from '../app.ts'
import { principalOf } from '../authenticate.ts'
import { readOne } from '../read-request.ts'
import { type Dialect, openDialect } from './dialect.ts'
import { describeStatus, type OtlpParts, otlpRoute, otlpStatuses, readRequest } from './otlp.ts'

const audit: Dialect = {
  ...{ name: 'otlp-audit', statuses: otlpStatuses, describeRefusal: describeRejection },
}

/**
 * `POST /v1/audit`: the draft of OpenTelemetry's audit signal, as of September 2026. It is not
 * adopted yet, and changes: only where a setting names its date.
 */
export function registerOtlpAudit(app: App, parts: OtlpParts): void {
  openDialect(app, parts, audit, (dialect) => {
    dialect.scope.post('/v1/audit', otlpRoute(dialect), async (request) => {
      // A receipt tells of what is kept, which a repeat need not have said in full.
      assertScope(principalOf(request), 'read')
      const { body } = await readRequest(request, dialect, false)
      const options = { secret: parts.eventIdSecret, check: checkAuditRecord }
      const translation = translateOtlp(body, options)
      const tenant = readOne(request, 'tenant')
      const heads = await dialect.submit(request, translation, { tenant })
      const receipts: object[] = []
      for (const [n, head] of heads.entries()) {
        const record = translation.records[n]
        if (record !== undefined) receipts.push(await createReceipt(record, head, parts))
      }
      // The draft has receipts in JSON alone, whatever the request was in.
      return receipts.length === 1 ? receipts[0] : toBatch(translation.records, receipts)
    })
  })
}

async function createReceipt(record: LogRecord, head: Head, { reader }: OtlpParts) {
  const { tenant, id, received, hash: leafHash } = head
  const kept = await reader.readEntry(tenant, id, emptyQuery)
  const event = kept === undefined ? {} : membersOf(JSON.parse(kept.json).event)
  return {
    record_id: idOf(record),
    status: 'delivered_all_sinks',
    integrity_hash: hashAuditRecord(record, event),
    sink_timestamp: `${Date.parse(received)}000000`,
    // By whoever knows the signers' keys: a record's signature is kept as it is.
    verify_status: 'deferred',
    sink_status_map: {
      indelible: {
        ...{ exporter_name: 'indelible', sink_type: 'indelible', delivery_status: 'success' },
        ...{ attempt_count: 1, last_attempt_at: received, sink_ack_id: leafHash },
      },
    },
  }
}

const idOf = ({ attributes }: LogRecord): string => String(attributes['audit.record.id'])

/** The same for the same records sent again. */
function toBatch(records: readonly LogRecord[], receipts: readonly object[]): object {
  const ids = records.map(idOf)
  return {
    batch_id: hash('sha256', JSON.stringify(ids)),
    status: 'delivered_all_sinks',
    record_status_map: Object.fromEntries(ids.map((id, n) => [id, receipts[n]])),
    sink_status_aggregate: 'success',
  }
}

function describeRejection(refusal: Refusal, sent: number, request: FastifyRequest) {
  const rpc = describeStatus(refusal, sent, request)
  if (rpc instanceof Uint8Array) return rpc
  const isFinal = sent < 500 && sent !== 429
  const isStranger = sent === 401 || sent === 403
  const status = isStranger
    ? 'rejected_authz'
    : isFinal
      ? 'rejected_schema_invalid'
      : 'failed_internal'
  const { retryAfterS } = refusal
  const retry = retryAfterS === undefined ? {} : { retry_after: retryAfterS }
  return { ...rpc, status, reason: rpc.message, ...retry }
}
